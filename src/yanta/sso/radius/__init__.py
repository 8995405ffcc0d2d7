"""RADIUS for 802.1X: FreeRADIUS speaks to access points, and asks here who somebody is and which network is theirs."""
