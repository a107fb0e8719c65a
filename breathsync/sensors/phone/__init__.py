"""A phone as the strap: three apps that send their motion over the network, behind the `Sensor` protocol."""
