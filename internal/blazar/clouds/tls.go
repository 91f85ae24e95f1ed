package clouds

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// readTLS reads which certificates to trust, and the client's own.
func (r *reader) readTLS(e *Entry) error {
	e.TLS = &tls.Config{}
	verify, ca, err := r.readVerify()
	if err != nil {
		return err
	}

	e.TLS.InsecureSkipVerify = !verify
	if verify && ca.text != "" {
		if e.TLS.RootCAs, err = r.readCA(ca); err != nil {
			return err
		}
	}

	return r.readClientCertificate(e.TLS)
}

// readVerify reads whether to verify certificates, and the file of the CA. As in
// Python's requests, verify may name that file.
func (r *reader) readVerify() (verify bool, ca value, err error) {
	verify = true
	ca = r.take("cacert")
	if ca.kind != null && ca.kind != scalar {
		return false, ca, r.fail(ca, "cacert", "must be the name of a file, not %v", ca.kind)
	}

	if v := r.take("verify"); v.kind != null {
		is, ok := v.boolean()
		switch {
		case ok:
			verify = is
		case v.kind == scalar && strings.ContainsRune(v.text, '/'):
			if ca.text == "" {
				ca = v
			}
		default:
			return false, ca, r.fail(v, "verify", "must be true or false")
		}
	}

	if v := r.take("insecure"); v.kind != null {
		is, ok := v.boolean()
		if !ok {
			return false, ca, r.fail(v, "insecure", "must be true or false")
		}
		verify = verify && !is
	}

	if !verify && ca.text != "" {
		r.note(ca, "cacert", true, "certificates are not verified")
	}

	return verify, ca, nil
}

func (r *reader) readCA(v value) (*x509.CertPool, error) {
	text, err := r.readFile(v, "cacert")
	if err != nil {
		return nil, err
	}

	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, r.fail(v, "cacert", "names %s, which has no certificate in PEM format", v.text)
	}

	return pool, nil
}

// readClientCertificate reads the client's certificate and its key, which may
// be in one file.
func (r *reader) readClientCertificate(config *tls.Config) error {
	cert, key := r.take("cert"), r.take("key")
	if cert.kind == null {
		if key.kind != null {
			r.note(key, "key", true, "there is no cert")
		}
		return nil
	}

	certificate, err := r.readFile(cert, "cert")
	if err != nil {
		return err
	}

	private := certificate
	if key.kind != null {
		if private, err = r.readFile(key, "key"); err != nil {
			return err
		}
	}

	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		return r.fail(cert, "cert", "names %s: %v", cert.text, err)
	}

	config.Certificates = []tls.Certificate{pair}
	return nil
}

// readFile reads a file that a key names; ~ is the home directory.
func (r *reader) readFile(v value, key string) ([]byte, error) {
	if v.kind != scalar {
		return nil, r.fail(v, key, "must be the name of a file, not %v", v.kind)
	}

	name, err := r.expand(v, key)
	if err != nil {
		return nil, err
	}
	if strings.Contains(name, "\n") {
		return nil, hint.Wrap(r.fail(v, key, "must be the name of a file, not its text"),
			"put the text into a file of its own")
	}

	home := r.getenv("HOME")
	if rest, ok := strings.CutPrefix(name, "~/"); ok && home != "" {
		name = filepath.Join(home, rest)
	}

	text, err := os.ReadFile(name)
	if err == nil {
		return text, nil
	}

	err = fmt.Errorf("read cloud %q: %v: key %q: %w", r.name, v.at, key, err)
	for _, dir := range []string{"~/", "/root/", "/home/", "/run/user/"} {
		if strings.HasPrefix(v.text, dir) || strings.HasPrefix(name, dir) {
			return nil, hint.Wrap(err, "a service has another home directory than you, and its unit hides /root, "+
				"/home and /run/user (ProtectHome): put the file where "+
				"the service may read it, such as /etc/refapi, and name it there")
		}
	}

	return nil, hint.Wrap(err, "the file must be readable for the user that availapi runs as")
}
