// Command hcl reads a file in Terraform's language from standard input with Terraform's
// parser. It prints the blocks of the file, and its attributes that are texts.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}

	file, faults := hclsyntax.ParseConfig(text, "snippet.tf", hcl.InitialPos)
	if faults.HasErrors() {
		return faults
	}

	var found struct {
		Blocks []string
		Texts  map[string]string
	}
	body := file.Body.(*hclsyntax.Body)
	for _, block := range body.Blocks {
		found.Blocks = append(found.Blocks, strings.Join(append([]string{block.Type}, block.Labels...), " "))
	}

	found.Texts = map[string]string{}
	for name, attribute := range body.Attributes {
		value, faults := attribute.Expr.Value(nil)
		if faults.HasErrors() {
			return faults
		}
		found.Texts[name] = value.AsString()
	}

	return json.NewEncoder(out).Encode(found)
}
