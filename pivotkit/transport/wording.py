"""What each failure says to a web developer: what happened, and what to look at.

``{where}`` is who was asked (host:port, or the proxy), ``{host}`` the host of the URL, ``{name}`` what was
looked up (that host, or the proxy's), ``{limit}`` the timeout, ``{size}`` the most that is read, ``{detail}``
what the system said.
"""

from __future__ import annotations

from typing import Final

_NAME_HINT = "Look for a slip in the host's name; it must resolve on the machine that asks."
_BROKE_HINT = "Look at the server's log: a worker that crashed, was killed or ran out of time looks like this."
_SLOW_HINT = (
    "Kazoo counts everything up to the last byte; answer first and do slow work afterwards, or raise req_timeout_ms."
)
_PROXY_HINT = "The server itself was not asked: look at host and port of the proxy, and whether it runs."
_FRAMING_HINT = "Something between the application and the wire writes bad HTTP; ask the URL with `curl -v`."
_URL_HINT = "Kazoo can't ask this URL either; write it as http://host[:port]/path, with odd characters percent-encoded."

WORDS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("malformed_url", "scheme"): ("not an http:// or https:// URL: {detail}", _URL_HINT),
    ("malformed_url", "userinfo"): (
        "user-info stands in the URL: {detail}",
        "Credentials go into an Authorization header.",
    ),
    ("malformed_url", "host"): ("not a host name or address: {detail}", _URL_HINT),
    ("malformed_url", "port"): ("not a port number: {detail}", "Ports go from 1 to 65535."),
    ("malformed_url", "target"): ("characters that no request line can carry: {detail}", _URL_HINT),
    ("malformed_url", "method"): ("not an HTTP method: {detail}", "Kazoo asks with GET or POST."),
    ("malformed_url", "header"): (
        "not a header that can be sent: {detail}",
        "A header is one line: no line breaks in it, and a name without blanks or colons.",
    ),
    ("dns_failure", "unknown_name"): ("{name} does not resolve: {detail}", _NAME_HINT),
    ("dns_failure", "no_answer"): (
        "no name server answered for {name}: {detail}",
        "Is the network up? The name itself may be right.",
    ),
    ("dns_failure", "resolver"): ("{name} could not be looked up: {detail}", _NAME_HINT),
    ("connect_refused", "refused"): (
        "nothing listens at {where}",
        "Is the server running, on this port and this address? In a container, localhost is the container itself.",
    ),
    ("connect_refused", "unreachable"): (
        "{where} can't be reached: {detail}",
        "No route leads there: look at the address, the network, a VPN or a firewall.",
    ),
    ("connect_refused", "local"): (
        "this machine can't open a connection to {where}: {detail}",
        "It may have run out of sockets or ports (fewer workers; ulimit -n), or have no IPv6.",
    ),
    ("dns_failure", "proxy_down"): ("{name} was not found: {detail}", _PROXY_HINT),
    ("connect_refused", "proxy_down"): ("nothing answers at {where}: {detail}", _PROXY_HINT),
    ("connect_timeout", "proxy_down"): ("no connection to {where} within {limit}", _PROXY_HINT),
    ("connect_refused", "proxy"): (
        "{where} refused a tunnel to {host}: {detail}",
        "Look at the proxy's rules and at the credentials in the proxy's URL.",
    ),
    ("connect_refused", "app"): (
        "{where} does not start: {detail}",
        "A server would give up here, and nothing would listen: look at what the app does in its lifespan's startup.",
    ),
    ("connect_timeout", "resolve"): ("looking up {name} took longer than {limit}", _NAME_HINT),
    ("connect_timeout", "connect"): (
        "no connection to {where} within {limit}",
        "A firewall that drops packets looks like this, and so does a server that is overrun.",
    ),
    ("connect_timeout", "tls"): (
        "the TLS handshake with {where} did not end within {limit}",
        "Does this port speak TLS? A plain HTTP server waits for more and says nothing.",
    ),
    ("connect_timeout", "proxy"): (
        "{where} made no tunnel to {host} within {limit}",
        "The proxy itself may be waiting for the server.",
    ),
    ("tls_failure", "certificate"): ("the certificate of {where} is refused: {detail}", ""),
    ("tls_failure", "plain_http"): (
        "{where} does not speak TLS: it answered in clear text",
        "Ask it by http://, or use the port that speaks TLS.",
    ),
    ("tls_failure", "handshake"): (
        "no secure connection to {where}: {detail}",
        "Server and client share no TLS version or cipher, or the server refuses this name; TLS 1.2 is the least.",
    ),
    ("tls_failure", "closed"): (
        "{where} closed the connection during the TLS handshake",
        "Does this port speak TLS? A plain server, or a proxy without a certificate for this name, does this.",
    ),
    ("tls_failure", "alert"): (
        "{where} ended the secure connection: {detail}",
        "The server asks for a client certificate, or the two sides disagree on the encryption.",
    ),
    ("not_http", "status_line"): (
        "{where} answered something that is not HTTP: {detail}",
        "Is this the port of the web server?",
    ),
    ("not_http", "tls"): (
        "{where} speaks TLS, and was asked in clear text",
        "Ask it by https://.",
    ),
    ("not_http", "head"): ("the head of the answer of {where} is not HTTP: {detail}", _FRAMING_HINT),
    ("not_http", "length"): ("{where} gave a Content-Length that is no length: {detail}", _FRAMING_HINT),
    ("read_timeout", "send"): (
        "{where} did not take the whole request within {limit}",
        "The server accepts connections but does not read: are all its workers busy?",
    ),
    ("read_timeout", "first_byte"): ("{where} gave no answer within {limit}", _SLOW_HINT),
    ("read_timeout", "head"): ("the head of the answer of {where} was not complete within {limit}", _SLOW_HINT),
    ("read_timeout", "body"): ("the body of the answer of {where} was not complete within {limit}", _SLOW_HINT),
    ("read_timeout", "app"): ("{where} had not answered within {limit}{detail}", _SLOW_HINT),
    ("connection_reset", "reset"): ("{where} reset the connection", _BROKE_HINT),
    ("connection_reset", "closed_before_answer"): ("{where} closed the connection without an answer", _BROKE_HINT),
    ("connection_reset", "truncated_head"): (
        "{where} closed the connection in the head of its answer",
        _BROKE_HINT,
    ),
    ("connection_reset", "truncated_body"): (
        "{where} closed the connection in the body of its answer: {detail}",
        "Less came than was announced. " + _BROKE_HINT,
    ),
    ("connection_reset", "bad_chunk"): ("the chunks of the answer of {where} are broken: {detail}", _FRAMING_HINT),
    ("response_too_large", "body"): (
        "the answer of {where} is larger than {size}",
        "Does the URL lead to a file or a stream? max_response_bytes sets the limit.",
    ),
    ("host_not_allowed", "host"): (
        "{detail} is not among the hosts that may be asked: only those that the target names are",
        'If this is meant, allow it: allow_hosts=["{host}"], or --allow-host {host}.',
    ),
    ("host_not_allowed", "address"): (
        "{host} stands for {detail}; a host that only a pattern allows may not lead there",
        'If this is meant, allow it by its name: allow_hosts=["{host}"], or --allow-host {host}.',
    ),
}
"""(message, hint) of each kind and cause."""

_TRUST_HINT = (
    'Give the CA that signed it: verify="ca.pem"; or ask without checking, as Kazoo 4.x and 5.x do: verify=False.'
)
_CHAIN_HINT = "Does the server send its whole chain? For a private CA: " + _TRUST_HINT[0].lower() + _TRUST_HINT[1:]
_OTHER_NAME_HINT = "Ask by a name that the certificate holds, or have it issued for this one too."

CERTIFICATES: Final[dict[int, tuple[str, str]]] = {
    9: ("it is not valid yet", "Look at the clocks of both machines, and at the certificate's dates."),
    10: ("it has expired", "Renew it; verify=False asks nevertheless."),
    18: ("it is self-signed", _TRUST_HINT),
    19: ("its chain ends in a root that is not trusted here", _TRUST_HINT),
    20: ("its issuer is not known here", _CHAIN_HINT),
    21: ("its issuer is not known here", _CHAIN_HINT),
    23: ("it has been revoked", "Renew it."),
    62: ("it is for another name", _OTHER_NAME_HINT),
    64: ("it is for another name", _OTHER_NAME_HINT),
}
"""What OpenSSL's verify code means, and the hint."""

OTHER_CERTIFICATE: Final = ("it can't be verified", _TRUST_HINT)
