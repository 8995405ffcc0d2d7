"""SCIM 2.0, both ways: others read people and groups here, and are told what changed."""
