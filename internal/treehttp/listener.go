package treehttp

import (
	"bytes"
	"fmt"
	"net"
	"net/http"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Listen wraps a listener so that requests that net/http refuses before any handler
// sees them get problem documents instead of plain text: invalid HTTP (400), headers
// that are too large (431), unknown transfer codings (501) and versions of HTTP (505).
func Listen(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return conn{tcp}, err
	}
	return c, err
}

// conn is a connection of net/http's server. It embeds the TCP connection so that
// files are still sent with sendfile(2).
type conn struct{ *net.TCPConn }

// plain follows the status line of net/http's own errors, which it sends in a
// single write. All other responses have a date.
const plain = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// Write implements [net.Conn].
func (c conn) Write(b []byte) (int, error) {
	line, _, _ := bytes.Cut(b, []byte("\r\n"))
	var status int

	if !bytes.HasPrefix(b[len(line):], []byte(plain)) {
		return c.TCPConn.Write(b)
	}
	if _, err := fmt.Sscanf(string(line), "HTTP/1.1 %d ", &status); err != nil {
		return c.TCPConn.Write(b)
	}
	if _, err := c.TCPConn.Write(refusal(status)); err != nil {
		return 0, err
	}

	return len(b), nil
}

// refusal returns the complete response to a request that cannot be parsed.
func refusal(status int) []byte {
	p := api.BadRequest
	for _, other := range []api.Problem{api.HeadersTooLarge, api.NotImplemented, api.VersionNotSupported} {
		if other.Status == status {
			p = other
		}
	}

	body := p.Body()
	header := http.Header{
		"Content-Type":   {route.ProblemType},
		"Content-Length": {fmt.Sprint(len(body))},
		"Cache-Control":  {route.NoStore},
		"Connection":     {"close"},
	}

	setHeaders(header, route.CommonHeaders())
	var out bytes.Buffer
	fmt.Fprintf(&out, "HTTP/1.1 %d %s\r\n", p.Status, http.StatusText(p.Status))
	_ = header.Write(&out) // a buffer takes everything
	out.WriteString("\r\n")
	out.Write(body)

	return out.Bytes()
}
