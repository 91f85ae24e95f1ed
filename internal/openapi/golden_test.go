package openapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/openapi"
)

var update = flag.Bool("update", false, "write the golden document, and pin a new version")

const advice = "raise ProductVersion in internal/api/product.go (patch for wording, minor for additions, major for what breaks clients), then run\n" +
	"\tgo test ./internal/openapi -update\n" +
	"As long as the version has never been published, take its line out of testdata/versions.txt instead."

// The golden shows in a review what a change does to the document. The list of
// versions makes sure that no published version comes to mean another document.
func TestGolden(t *testing.T) {
	t.Parallel()
	doc := openapi.Document(openapi.Options{})
	sum := digest(t, doc)
	versions := filepath.Join("testdata", "versions.txt")
	list, err := os.ReadFile(versions)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}

	switch pinned := pinnedSum(list, api.ProductVersion); {
	case pinned != "" && pinned != sum:
		t.Fatalf("the document has changed, but its version is still %s: %s", api.ProductVersion, advice)
	case pinned == "" && !*update:
		t.Fatalf("version %s is not pinned: run go test ./internal/openapi -update", api.ProductVersion)
	case pinned == "":
		write(t, versions, append(list, fmt.Sprintf("%s %s\n", api.ProductVersion, sum)...))
		if len(list) == 0 { // nothing has been released yet
			write(t, releasedFile, append(doc, '\n'))
		}
	}

	golden := filepath.Join("testdata", "openapi.golden.json")
	var indented bytes.Buffer
	if err := json.Indent(&indented, doc, "", "  "); err != nil {
		t.Fatal(err)
	}

	indented.WriteByte('\n')
	if *update {
		write(t, golden, indented.Bytes())
		return
	}

	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}

	if !bytes.Equal(indented.Bytes(), want) {
		t.Errorf("the document is not that of %s: run go test ./internal/openapi -update, and look at the difference", golden)
	}
}

// digest is the SHA-256 of a document without its version.
func digest(t *testing.T, doc []byte) string {
	t.Helper()
	versioned := fmt.Appendf(nil, `"version":%q,`, api.ProductVersion)
	if bytes.Count(doc, versioned) != 1 {
		t.Fatalf("the version %s does not stand in the document once", api.ProductVersion)
	}
	sum := sha256.Sum256(bytes.Replace(doc, versioned, nil, 1))
	return hex.EncodeToString(sum[:])
}

// pinnedSum finds a version in a list of lines "VERSION SHA-256", "" where it
// is not there.
func pinnedSum(list []byte, version string) string {
	for line := range strings.Lines(string(list)) {
		if v, sum, ok := strings.Cut(strings.TrimSpace(line), " "); ok && v == version {
			return sum
		}
	}
	return ""
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDocumentIsDeterministic(t *testing.T) {
	t.Parallel()
	o := openapi.Options{Base: "/ref", Examples: liveBodies()}
	first := openapi.Document(o)
	for range 20 {
		if !bytes.Equal(openapi.Document(o), first) {
			t.Fatal("the same options gave different bytes")
		}
	}
}

// The licence is that of the data where it is configured.
func TestDataLicense(t *testing.T) {
	t.Parallel()
	for license, want := range map[string]string{"": "Apache-2.0", "CC-BY-4.0": "CC-BY-4.0"} {
		var doc struct {
			Info struct {
				License struct{ Name, Identifier string }
			}
		}
		if err := json.Unmarshal(openapi.Document(openapi.Options{DataLicense: license}), &doc); err != nil {
			t.Fatal(err)
		}
		if got := doc.Info.License; got.Identifier != want || got.Name == "" {
			t.Errorf("with the licence %q the document names %+v, want %s", license, got, want)
		}
	}
}

func TestServer(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                            "/",
		"/ref":                        "/ref",
		"https://api.example.org/ref": "https://api.example.org/ref",
	} {
		var doc struct{ Servers []struct{ URL string } }
		if err := json.Unmarshal(openapi.Document(openapi.Options{Base: base}), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Servers) != 1 || doc.Servers[0].URL != want {
			t.Errorf("with the base %q the servers are %v, want %s", base, doc.Servers, want)
		}
	}
}
