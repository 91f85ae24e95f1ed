package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	// user is the user and the group that everything runs as. It has no name elsewhere,
	// so that it owns nothing on the machine.
	user = 65532

	dpkgStatus = "var/lib/dpkg/status.d/"
	caBundle   = "etc/ssl/certs/ca-certificates.crt"
	nginx      = "usr/sbin/nginx"
	brotli     = "usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
)

// programs are ours, in /usr/bin. The last one starts nginx.
var programs = []string{"refgen", "availapi", "refapi"}

// baseFiles selects what nginx needs of Debian's files: the program, its module, the
// libraries that they load, root certificates, and what each package's licence asks for.
func baseFiles(debian files) (files, error) {
	base := files{}
	for _, name := range []string{nginx, brotli} {
		if err := addELF(base, debian, name); err != nil {
			return nil, err
		}
	}

	// What update-ca-certificates makes of them.
	var bundle bytes.Buffer
	for _, name := range sortedKeys(debian) {
		switch {
		case strings.HasPrefix(name, "usr/share/ca-certificates/") && strings.HasSuffix(name, ".crt"):
			bundle.Write(debian[name].data)
		case strings.HasPrefix(name, dpkgStatus),
			strings.HasPrefix(name, "usr/share/doc/") && path.Base(name) == "copyright" && debian[name].link == "":
			base[name] = debian[name]
		}
	}
	if bundle.Len() == 0 {
		return nil, fmt.Errorf("the packages have no root certificates")
	}
	base[caBundle] = file{mode: 0o644, data: bundle.Bytes()}

	return base, nil
}

// addELF adds a program or a library, and whatever it needs to be loaded.
func addELF(to, from files, name string) error {
	if _, ok := to[name]; ok {
		return nil
	}
	f, ok := from[name]
	if !ok {
		return fmt.Errorf("no package has %s", name)
	}

	to[name] = f
	if f.link != "" {
		target := f.link
		if !path.IsAbs(target) {
			target = path.Join("/", path.Dir(name), target)
		}
		return addELF(to, from, strings.TrimPrefix(target, "/"))
	}

	binary, err := elf.NewFile(bytes.NewReader(f.data))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	needed, err := binary.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			loader := make([]byte, p.Filesz-1) // it ends with a zero
			if _, err := p.ReadAt(loader, 0); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			needed = append(needed, string(loader))
		}
	}

	for _, library := range needed {
		at, err := findLibrary(from, library)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := addELF(to, from, at); err != nil {
			return err
		}
	}

	return nil
}

// findLibrary finds a library in the directories where Debian's loader looks for it.
func findLibrary(in files, name string) (string, error) {
	if path.IsAbs(name) {
		return strings.TrimPrefix(name, "/"), nil
	}
	for _, at := range sortedKeys(in) {
		dir := path.Dir(at)
		if path.Base(at) == name && (path.Dir(dir) == "lib" || path.Dir(dir) == "usr/lib") {
			return at, nil
		}
	}
	return "", fmt.Errorf("no package has %s", name)
}

// appFiles are our programs, read from a directory, and the directories that they write
// to, which are volumes.
func appFiles(bin string) (files, error) {
	app := files{
		"etc/passwd":        {mode: 0o644, data: fmt.Appendf(nil, "root:x:0:0::/:\nrefapi:x:%d:%[1]d::/var/cache/refapi:\n", user)},
		"etc/group":         {mode: 0o644, data: fmt.Appendf(nil, "root:x:0:\nrefapi:x:%d:\n", user)},
		"etc/nsswitch.conf": {mode: 0o644, data: []byte("hosts: files dns\n")},
		"etc/refapi":        {mode: 0o755, dir: true},
		"etc/openstack":     {mode: 0o755, dir: true},
		"tmp":               {mode: 0o1777, dir: true},
	}
	for _, dir := range volumes {
		app[strings.TrimPrefix(dir, "/")] = file{mode: 0o755, dir: true, owner: user}
	}

	for _, name := range programs {
		data, err := os.ReadFile(filepath.Join(bin, name))
		if err != nil {
			return nil, err
		}
		app["usr/bin/"+name] = file{mode: 0o755, data: data}
	}

	return app, nil
}

// withParents adds the directories that files are in.
func (f files) withParents() files {
	all := files{}
	for name, entry := range f {
		all[name] = entry
		for dir := path.Dir(name); dir != "." && fs.ValidPath(dir); dir = path.Dir(dir) {
			if _, ok := f[dir]; !ok {
				all[dir] = file{mode: 0o755, dir: true}
			}
		}
	}
	return all
}
