"""What SQL cannot say of calibration: the fit of a stream's baseline."""
