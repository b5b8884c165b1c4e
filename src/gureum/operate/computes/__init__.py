"""The life of a compute host: its VMs move away, it leaves the cloud, and it may come back."""
