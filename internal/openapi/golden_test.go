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
	"testing"

	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/released"
)

var update = flag.Bool("update", false, "write the golden document")

// The golden shows in a review what a change does to the document. The list of
// versions makes sure that no released version comes to mean another document.
func TestGolden(t *testing.T) {
	t.Parallel()
	doc := openapi.Document(openapi.Options{})
	released.Check(t, "testdata/versions.txt", openapi.Version, digest(t, doc), *isReleased)

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
	versioned := fmt.Appendf(nil, `"version":%q,`, openapi.Version)
	if bytes.Count(doc, versioned) != 1 {
		t.Fatalf("the version %s does not stand in the document once", openapi.Version)
	}
	sum := sha256.Sum256(bytes.Replace(doc, versioned, nil, 1))
	return hex.EncodeToString(sum[:])
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
