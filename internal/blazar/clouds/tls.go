package clouds

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readTLS reads which certificates to trust, and the client's own.
func (r *reader) readTLS() *tls.Config {
	config := &tls.Config{InsecureSkipVerify: r.flag("insecure", false)}
	r.readVerify(config)

	cert, key := r.take("cert"), r.take("key")
	if cert.kind == null {
		if key.kind != null {
			r.note(key, "key", true, "there is no cert")
		}
		return config
	}

	certificate := r.readFile(cert, "cert")
	private := certificate // both may be in one file
	if key.kind != null {
		private = r.readFile(key, "key")
	}

	pair, err := tls.X509KeyPair(certificate, private)
	if err != nil {
		r.fail(cert, "cert", "names %s: %v", cert.text, err)
	}

	config.Certificates = []tls.Certificate{pair}
	return config
}

// readVerify reads whether to verify certificates, and the file of the CA. As in
// Python's requests, verify may name that file.
func (r *reader) readVerify(config *tls.Config) {
	key, ca := "cacert", r.take("cacert")
	if verify := r.take("verify"); strings.Contains(verify.text, "/") {
		if ca.kind == null {
			key, ca = "verify", verify
		}
	} else if !r.flag("verify", true) {
		config.InsecureSkipVerify = true
	}

	switch {
	case ca.kind == null:
		return
	case config.InsecureSkipVerify:
		r.note(ca, key, true, "certificates are not verified")
		return
	}

	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(r.readFile(ca, key)) {
		r.fail(ca, key, "names %s, which has no certificate in PEM format", ca.text)
	}
}

// readFile reads a file that a key names; ~ is the home directory.
func (r *reader) readFile(v value, key string) []byte {
	name := r.expand(v, key)
	if strings.Contains(name, "\n") {
		r.stop(keyError(v, key, "must be the name of a file, not its text"), "put the text into a file of its own")
		return nil
	}

	home := r.getenv("HOME")
	if rest, ok := strings.CutPrefix(name, "~/"); ok && home != "" {
		name = filepath.Join(home, rest)
	}

	text, err := os.ReadFile(name)
	if err == nil {
		return text
	}

	advice := "the file must be readable for the user that availapi runs as"
	for _, dir := range []string{"~/", "/root/", "/home/", "/run/user/"} {
		if strings.HasPrefix(v.text, dir) || strings.HasPrefix(name, dir) {
			advice = "a service has another home directory than you, and its unit hides /root, /home and /run/user " +
				"(ProtectHome): put the file where the service may read it, such as /etc/refapi, and name it there"
		}
	}

	r.stop(fmt.Errorf("%s: key %q: %w", v.at, key, err), advice)
	return nil
}
