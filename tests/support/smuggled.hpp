#pragma once

namespace beaver::test {

#define BEAVER_CHUNKED \
  "PUT /blobs/b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

/// What two programs could read in two ways, or should not read at all: each has to be refused.
inline constexpr const char* smuggled[] = {
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n1234",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4,4\r\n\r\n1234",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\n1234",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
  "chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
  "chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  "GET / HTTP/1.1\nHost: a\n\n",
  "GET / HTTP/1.1\r\nHost: a\n\r\n",
  "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\tfolded\r\n\r\n",
  "GET / HTTP/1.1\r\n X: 1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "GET / HTTP/1.1\r\nX: 1\r\n\r\n",
  "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
  "GET /\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
  "GE T / HTTP/1.1\r\nHost: a\r\n\r\n",
  "\x16\x03\x01\x02",
  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  // within the body
  BEAVER_CHUNKED "0x1\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "+1\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "-1\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED " 1\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1 \r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "10000000000000001\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1\r\nab\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1\r\na0\r\n\r\n",
  BEAVER_CHUNKED "1\r\na\n0\r\n\r\n",
  BEAVER_CHUNKED "\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1;x\ny\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1;x\ry\r\na\r\n0\r\n\r\n",
  BEAVER_CHUNKED "1\na\n0\n\n",
  BEAVER_CHUNKED "1;x\na",
  BEAVER_CHUNKED "1\r\na\r\n0\nX: 1\n\n",
  BEAVER_CHUNKED "1\r\na\r\n0\r\nX: 1\n\r\n",
  BEAVER_CHUNKED "0\r\nContent-Length: 5\r\n\r\n",
  BEAVER_CHUNKED "0\r\nTransfer-Encoding: chunked\r\n\r\n",
  BEAVER_CHUNKED "0\r\nX : 1\r\n\r\n",
  BEAVER_CHUNKED "0\r\n folded\r\n\r\n",
};

#undef BEAVER_CHUNKED

} // namespace beaver::test
