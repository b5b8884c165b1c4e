"""The logs of a cloud: found where they are gathered, told as records or as a request's story."""
