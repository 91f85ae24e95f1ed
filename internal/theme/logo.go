package theme

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Logo is the picture in front of a site's title.
type Logo struct {
	Digest string `json:"digest"` // of the body
	Ext    string `json:"ext"`    // ".svg" or ".png"
	Body   []byte `json:"-"`
}

// maxLogo is how long a logo may be, in bytes: every page loads it.
const maxLogo = 32 << 10

// maxPixels bounds the sides of a PNG: a small file can have very many pixels.
const maxPixels = 2048

// NewLogo checks a file that is to be the logo. The name gives its type.
func NewLogo(name string, body []byte) (*Logo, error) {
	ext := strings.ToLower(path.Ext(name))
	check := map[string]func([]byte) error{".svg": checkSVG, ".png": checkPNG}[ext]

	switch {
	case check == nil:
		return nil, errors.New("a logo is an SVG or PNG file, with the suffix .svg or .png")
	case len(body) > maxLogo:
		return nil, fmt.Errorf("it has %d bytes, and every page loads it: at most %d", len(body), maxLogo)
	}
	if err := check(body); err != nil {
		return nil, err
	}

	sum := sha256.Sum256(body)
	return &Logo{Digest: hex.EncodeToString(sum[:8]), Ext: ext, Body: body}, nil
}

func checkPNG(body []byte) error {
	size, err := png.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("it is not a PNG: %w", err)
	}
	if max(size.Width, size.Height) > maxPixels {
		return fmt.Errorf("it has %d × %d pixels: at most %d a side", size.Width, size.Height, maxPixels)
	}
	if _, err := png.Decode(bytes.NewReader(body)); err != nil {
		return fmt.Errorf("it is not a PNG: %w", err)
	}
	return nil
}

// elements are those of SVG that only draw. Whatever loads, links, moves or runs is not
// among them.
var elements = strings.Fields(`svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon
	text tspan linearGradient radialGradient stop clipPath mask pattern style`)

const svgSpace = "http://www.w3.org/2000/svg"

// checkSVG refuses whatever is not a drawing: a browser that opens the file itself would
// run its scripts with the rights of the site's pages.
func checkSVG(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	root := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is not an SVG: %w", err)
		}

		switch t := token.(type) {
		case xml.Directive:
			return unsafe("a document type")
		case xml.ProcInst:
			if t.Target != "xml" {
				return unsafe("<?%s", t.Target)
			}
		case xml.StartElement:
			if !root && (t.Name.Local != "svg" || t.Name.Space != svgSpace) {
				return fmt.Errorf("it is not an SVG: its root is %q of %q", t.Name.Local, t.Name.Space)
			}
			root = true
			if err := checkElement(t); err != nil {
				return err
			}
		case xml.CharData: // it may be a style's
			if loads(string(t)) {
				return unsafe("a text or style that names another file: %.40q", t)
			}
		}
	}
}

func checkElement(e xml.StartElement) error {
	if e.Name.Space != svgSpace || !slices.Contains(elements, e.Name.Local) {
		return unsafe("the element %s", e.Name.Local)
	}
	for _, a := range e.Attr {
		isLink := a.Name.Local == "href" || a.Name.Local == "base"
		if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || isLink && !strings.HasPrefix(a.Value, "#") ||
			a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && loads(a.Value) {
			return unsafe("%s=%q", a.Name.Local, a.Value)
		}
	}
	return nil
}

// loads reports whether a style or the value of an attribute may name another file: all
// that url() may name is a part of the drawing, and escapes could hide that.
func loads(css string) bool {
	css = strings.ToLower(css)
	return strings.ContainsAny(css, `@\`) || strings.Contains(css, "://") ||
		strings.Count(css, "url(") != strings.Count(css, "url(#") ||
		strings.Contains(css, "image(") || strings.Contains(css, "image-set(")
}

func unsafe(format string, args ...any) error {
	return hint.Wrap(fmt.Errorf("it is more than a drawing: it has "+format, args...),
		"save it as a plain or optimized SVG, with its text as paths; or use a PNG")
}
