"""The morning's page and `status`: what wants a person, and where each loop stands, read from the published file."""
