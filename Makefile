# The two commands that a newcomer needs are `make run` and `make test`.

# What to serve: a path, a bundle or a URL. Without, the built-in sample.
REPO ?=
# Where `make screenshots` puts its pictures.
OUT ?= /tmp/refapi-screenshots
# What `make bench-large` measures: real repositories, and synthetic ones by nodes.
BENCH ?= chameleon grid5000 5000 20000 100000
# 0 forbids `make test` to install what the tests need.
INSTALL ?= 1

# What is released. On Windows nothing goes live in one step: there the programs compile,
# for `refgen check` and `refgen diff`.
PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

# Static binaries: one file that runs on every machine of its platform. What is released
# depends on the commit alone: Go would record the tags of the clone, too.
BUILD = CGO_ENABLED=0 go build
STRIPPED = -trimpath -buildvcs=false -ldflags='-s -w'

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# What is released: the version, and the commit with its time, which files are dated by.
VERSION = $(shell sed -n 's/^const ProductVersion = "\(.*\)"/\1/p' internal/api/product.go)
REVISION = $(shell git rev-parse HEAD)
CREATED = $(shell git show -s --format=%ct)

# What `make deb` makes a package for.
ARCH ?= $(shell go env GOARCH)

# What is released is compiled by this version of Go, which is downloaded where there is another.
deb dist image: export GOTOOLCHAIN = $(shell sed -n 's/^toolchain //p' go.mod)

.PHONY: help run build deb test test-past test-watch test-private test-faults test-install test-upgrade test-dist lint tools bench bench-large screenshots golden clean dist image image-packages test-deploy

help:
	@echo 'make run            serve the sample repository; REPO=PATH|BUNDLE|URL serves another'
	@echo 'make test           lint, and run all tests; INSTALL=0 installs nothing'
	@echo 'make test-watch     publish 50 commits under 1,000 requests a second, and time those of real repositories'
	@echo 'make test-past      compare every item of every commit of the real repository, and a sample'
	@echo '                    of Grid5000, with their past, and all logs of Grid5000 with those of git'
	@echo 'make test-private   look in every byte of both real repositories for what is hidden'
	@echo 'make test-deploy    check files for compose, Kubernetes, Prometheus and GitHub Actions by code that reads them'
	@echo 'make test-upgrade   replace the programs of the last release and these by each other, at random'
	@echo 'make test-dist      make what is released twice, in clones that differ, and compare every byte'
	@echo 'make test-faults    let every file operation of builds and services fail, or be the last one'
	@echo 'make bench          measure, as ratios; fails for what is worse than it was'
	@echo 'make bench-large    measure builds of all sizes into docs/benchmarks.md; BENCH="grid5000 5000" chooses'
	@echo 'make screenshots    take pictures of every kind of page; OUT=DIR is where to'
	@echo 'make build          build the programs, static, into bin/'
	@echo 'make dist           make all that is released, with a bill of materials and checksums, into dist/release/'
	@echo 'make image          make the container image, dist/refapi_VERSION.oci.tar'
	@echo 'make image-packages take the newest versions of the Debian packages in it'
	@echo 'make deb            make the Debian package, dist/refapi_VERSION_ARCH.deb; ARCH=arm64 makes that of another machine'
	@echo 'make test-install   install the package in a fresh Debian, and type the guide for operators there'
	@echo 'make golden         rewrite the expected outputs of tests, and nginx.conf'

run:
	@go run ./cmd/refgen serve $(if $(REPO),--repo '$(REPO)',--sample)

build:
	$(BUILD) -trimpath -o bin/ ./cmd/...

# The man pages and the completion come from the programs, which run here for that.
deb: build
	GOOS=linux GOARCH=$(ARCH) $(BUILD) $(STRIPPED) -o dist/bin/linux_$(ARCH)/ ./cmd/...
	go -C etc/package run . -native ../../bin -programs ../../dist/bin/linux_$(ARCH) -arch $(ARCH) \
		-version $(VERSION) -date $(CREATED) -out ../../dist

# The race detector makes compression, which shares nothing between goroutines,
# ten times as slow: it is left out there. A process with it would wait a second before it
# ends.
NORACE = -gcflags='github.com/andybalholm/brotli/...=-race=false' \
	-gcflags='github.com/klauspost/compress/...=-race=false' -gcflags='compress/...=-race=false'

# Tests with the real repositories, those that build one site after the other, and those
# that run one command after the other, compute for a long time what others compute under
# the race detector, which would make them five times as slow: they run without it. So do
# those in a browser, which waits for what they serve.
LONG = Real Authors BadPrevious DiffApplies Faults Feeds ForcePush FrontsOfTheGuide GeneratedClients Hidden \
	HostileBundles HostileRepositories Increments LargeAnswers NoPassword OddDates OldNames PacksOfClone Previous \
	PrivateRepositories Questions RollbackForgets Script ServeDemonstration ServeManyTabs ServePages ServeSets \
	ServeShows ServeWithoutNews TenThousandHosts TLSInFront UnmatchedPointer WatchLeaves WrongFronts
SPACE = $(subst ,, )
LONG_TESTS = ^Test($(subst $(SPACE),|,$(strip $(LONG))))|InABrowser
LONG_DIRS = $(sort $(dir $(shell grep -rlE '$(subst ^,^func ,$(LONG_TESTS))' --include='*_test.go' cmd internal)))

# What starts no goroutine: the race detector would cost minutes and find nothing. Builds
# are under it in the tests of what publishes and serves them. The longest come first.
ALONE = internal/page internal/build internal/openapi internal/treehttp internal/hosting internal/upgrade templates \
	internal/architecture internal/install internal/nginxconf internal/page/guide internal/reserve
ALONE_DIRS = $(ALONE:%=./%/)

# The limit is for tests that hang. Packages that wait for others leave processors to a third.
test: tools lint
	GORACE=atexit_sleep_ms=0 go test -p 3 -race $(NORACE) -timeout 60m -skip '$(LONG_TESTS)' \
		$$(go list ./... | grep -vE '/($(subst $(SPACE),|,$(ALONE)))$$')
	go test -timeout 60m -run '$(LONG_TESTS)' $(filter-out $(ALONE_DIRS),$(LONG_DIRS:%=./%))
	go test -timeout 60m $(ALONE_DIRS)
	go -C etc/image test ./...

# What `make test` does with three commits. Ten minutes.
test-watch: tools
	go test ./cmd/refgen -run TestWatchUnderReaders -count 1 -v -commits 50 -rate 1000
	go test ./cmd/refgen -run TestWatchRealRepositories -count 1 -v -commits 3 -real -timeout 60m

# What `make test` does with some commits. Five minutes.
test-past:
	go test ./internal/build -run TestPast -count 1 -v -past -timeout 60m
	go test ./internal/history -run TestGrid5000Logs -count 1 -v -grid5000 -timeout 60m

# Builds of both real repositories, of which every byte is searched. Five minutes.
test-private:
	go test ./cmd/refgen -run TestRealHidden -count 1 -v -grid5000 -timeout 60m

# As root on Debian or Ubuntu, with debootstrap and systemd-nspawn. Two minutes, and one
# more the first time.
test-install: tools
	go test ./internal/install -run TestGuide -count 1 -v -timeout 30m -container

# By the libraries of those who read these files, which take minutes to compile once.
test-deploy:
	go -C etc/check/containers test ./...
	go -C etc/check/prometheus test ./...
	go -C etc/check/workflows test ./...

# What `make test` does with some operations: each fails, and is the last one before a
# crash. Ends with sums. In memory, on two processors, it takes eight minutes.
FAULTS = ./internal/publish ./internal/availability ./internal/blazar ./internal/follow ./cmd/refgen
test-faults:
	@TMPDIR=$$(test -w /dev/shm && echo /dev/shm || echo /tmp) \
		go test -count 1 -timeout 3h -v -run 'TestFaults' $(FAULTS) -faults | .ci/faults

# Random upgrades and downgrades under readers. Ten minutes.
test-upgrade: tools
	go test ./internal/upgrade -run TestUpgradeLonger -count 1 -v -timeout 60m -rounds 200

# Three minutes, and three more the first time.
test-dist:
	.ci/same

# Files are for systems, none for a processor: what compiles for one compiles for all.
lint:
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'gofmt would change these files'; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet ./...
	GOOS=windows GOARCH=amd64 $(BUILD) -o /dev/null ./cmd/...

# The tests run the real parts: git, nginx with brotli, a browser.
tools:
	@INSTALL='$(INSTALL)' .ci/tools

bench:
	@INSTALL="$(INSTALL)" .ci/tools wrk
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./internal/bench

# 100000 takes as long as all others.
bench-large:
	go test -run '^TestLarge$$' -v -timeout 3h ./internal/bench -large '$(BENCH)'

screenshots: tools
	SCREENSHOTS='$(abspath $(OUT))' go test -count 1 -timeout 30m -run 'Pictures|InABrowser|Docs' ./internal/page

golden:
	go test ./internal/sample -update
	go test ./internal/nginxconf ./internal/openapi ./internal/build -update

# An image needs no container engine. It is the same for the same commit.
image:
	@for arch in amd64 arm64; do \
		out=$(CURDIR)/dist/bin/linux_$$arch; \
		echo "GOOS=linux GOARCH=$$arch $(BUILD) -o $$out"; \
		GOOS=linux GOARCH=$$arch $(BUILD) $(STRIPPED) -o "$$out/" ./cmd/... || exit 1; \
		GOOS=linux GOARCH=$$arch $(BUILD) -C etc/image $(STRIPPED) -o "$$out/refapi" ./entry || exit 1; \
	done
	go -C etc/image run . -bin '$(CURDIR)/dist/bin' -o '$(CURDIR)/dist/refapi_$(VERSION).oci.tar' \
		-version '$(VERSION)' -revision '$(REVISION)' -created '$(CREATED)'

# What is released: the same bytes for the same commit. TAG, if there is one, must be that
# of the version. The bills of materials are read from the programs themselves,
# with licenses from what they were compiled of: nothing is downloaded, such as this version.
CYCLONEDX = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
RELEASE = dist/release
TAG ?= v$(VERSION)
dist: image
	@test '$(TAG)' = 'v$(VERSION)' || { echo 'the tag is $(TAG), and the version $(VERSION)'; exit 1; }
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	$(MAKE) deb ARCH=amd64 && $(MAKE) deb ARCH=arm64
	cp dist/refapi_$(VERSION).oci.tar dist/refapi_$(VERSION)_*.deb $(RELEASE)
	@for p in $(PLATFORMS); do \
		os=$${p%/*}; arch=$${p#*/}; name=refapi_$(VERSION)_$${os}_$$arch; \
		echo "$$name.tar.gz"; \
		GOOS=$$os GOARCH=$$arch $(BUILD) $(STRIPPED) -o "dist/bin/$${os}_$$arch/" ./cmd/... || exit 1; \
		tar -c --sort=name --mtime='@$(CREATED)' --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
			--transform "s|^|$$name/|" -C "dist/bin/$${os}_$$arch" refgen availapi \
			-C '$(CURDIR)' LICENSE README.md CHANGELOG.md | gzip -9n > "$(RELEASE)/$$name.tar.gz" || exit 1; \
	done
	GOBIN='$(CURDIR)/dist/bin' go install $(CYCLONEDX)
	@for program in refgen availapi; do \
		GOPROXY=off dist/bin/cyclonedx-gomod bin -json -std -licenses -noserial -notimestamp -version 'v$(VERSION)' \
			-output "$(RELEASE)/$${program}_$(VERSION).cdx.json" "dist/bin/linux_amd64/$$program" || exit 1; \
	done
	cd $(RELEASE) && sha256sum * > SHA256SUMS

image-packages:
	etc/image/renew > etc/image/packages.new
	mv etc/image/packages.new etc/image/packages.txt

clean:
	rm -rf bin dist public/releases public/immutable public/current public/.lock
