"""The files that a FreeRADIUS 3 is given, whole: they are shown on the application's page and started by the tests."""

from __future__ import annotations

REST_PATH, EAP_PATH, SITE_PATH = "mods-enabled/rest", "mods-enabled/eap", "sites-enabled/yanta"

# `authorize`, for FreeRADIUS would put the person's name and password in the place of its own when it authenticates. A pool
# that starts empty: FreeRADIUS comes up, and stays up, while the school's server is away.
_REST = """rest {{
  connect_uri = "{issuer}"
  authorize {{
    uri = "${{..connect_uri}}/radius/authenticate"
    method = 'post'
    body = 'json'
    auth = 'basic'
    username = "{code}"
    password = "{secret}"
    force_to = 'json'
    timeout = 8.0
  }}
  pool {{
    start = 0
    min = 0
    max = 32
    spare = 0
    uses = 0
    retry_delay = 5
    lifetime = 0
    idle_timeout = 60
  }}
}}
"""
# Without the cache every connection is asked about anew; a resumed session would let a locked account in.
_EAP = """eap {{
  default_eap_type = ttls
  timer_expire = 60
  tls-config tls-yanta {{
    private_key_file = ${{certdir}}/server.key
    certificate_file = ${{certdir}}/server.pem
    tls_min_version = "1.2"
    tls_max_version = "1.2"
    cipher_list = "HIGH"
    cache {{
      enable = no
    }}
  }}
  ttls {{
    tls = tls-yanta
    copy_request_to_tunnel = yes
    use_tunneled_reply = yes
    virtual_server = "yanta-inner"
  }}
}}
"""
# Whatever brings no password (CHAP, MSCHAPv2) is told to the school too, so that the refusal stands in its log.
_SITE = """server yanta {{
  listen {{
    type = auth
    ipaddr = *
    port = 1812
  }}
  authorize {{
    filter_username
    preprocess
    eap {{
      ok = return
      updated = return
    }}
    rest
    if (ok || updated) {{
      update control {{
        &Auth-Type := Accept
      }}
    }}
    else {{
      reject
    }}
  }}
  authenticate {{
    eap
  }}
  post-auth {{
    Post-Auth-Type REJECT {{
      attr_filter.access_reject
      eap
    }}
  }}
}}
server yanta-inner {{
  authorize {{
    filter_username
    rest
    if (ok || updated) {{
      update control {{
        &Auth-Type := Accept
      }}
    }}
    else {{
      reject
    }}
  }}
}}
"""


def files(*, issuer: str, code: str, secret: str) -> dict[str, str]:
    """Each file by its path below FreeRADIUS's folder."""
    told = {"issuer": issuer, "code": code, "secret": secret}
    return {
        path: text.format(**told) for path, text in ((REST_PATH, _REST), (EAP_PATH, _EAP), (SITE_PATH, _SITE))
    }
