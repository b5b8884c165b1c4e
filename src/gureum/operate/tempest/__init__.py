"""Holds a cloud against Tempest, OpenStack's own test suite (R-SVC-5, R-VERIFY-2).

environment    where Tempest is installed, apart from everything else
selection      which tests a word stands for
left_out       which tests cannot pass here, each with the reason
furnishing     what tests need in the cloud beside what it has
configuration  tempest.conf, from what is known of the cloud
results        what Tempest told of each test
cleaning       what tests left behind
run            all of it in order
"""
