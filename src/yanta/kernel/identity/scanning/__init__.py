"""Signing in by scanning: one's own phone confirms, or WeCom, DingTalk, Feishu, WeChat say who it is; the code of a person."""
