// What makes the container image. It has a module of its own, so that the programs do
// not depend on what it needs.
module github.com/chameleoncloud/refapi/etc/image

go 1.26.0

require (
	github.com/google/go-containerregistry v0.22.1
	github.com/klauspost/compress v1.20.4
	github.com/ulikunitz/xz v0.5.17
)

require (
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/opencontainers/go-digest v1.0.0 // indirect
	github.com/opencontainers/image-spec v1.1.1 // indirect
	golang.org/x/sync v0.22.0 // indirect
)
