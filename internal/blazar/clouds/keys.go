package clouds

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// authOptions are the options of all auth_types of keystoneauth: they may be in auth:
// or next to it.
var authOptions = strings.Fields(`
	access_key access_secret access_token access_token_endpoint access_token_type
	application_credential_id application_credential_name application_credential_secret auth_methods auth_token
	auth_url authorization_code client_id client_secret code consumer_key consumer_secret
	default_domain default_domain_id default_domain_name discovery_endpoint domain_id domain_name endpoint
	identity_provider identity_provider_url openid_scope passcode password project_domain_id
	project_domain_name project_id project_name protocol redirect_uri scope service_provider_endpoint
	service_provider_entity_id system_scope tenant_id tenant_name token trust_id url user_domain_id
	user_domain_name user_id user_name username`)

// effective are the keys of an entry that have an effect here.
var effective = strings.Fields(`
	api_timeout auth auth_plugin auth_type cacert cert cloud compute_api_version compute_endpoint
	compute_endpoint_override compute_interface compute_region_name compute_service_name compute_service_type
	endpoint_type insecure interface key profile region_name regions reservation_api_version reservation_endpoint
	reservation_endpoint_override reservation_interface reservation_region_name reservation_service_name
	reservation_service_type verify`)

// ignoredKeys are other keys of openstacksdk and its users, which are not mistakes.
var ignoredKeys = strings.Fields(`
	api_version app_name app_version cache client concurrency connect_retries database_support default_interface
	default_microversion disable_vendor_agent domain external_network floating_ip_source force_ipv4
	image_api_use_tasks image_format internal_network log_level message metrics nat_destination nat_source networks
	object_store_use_slo prefer_ipv6 private project rate_limit requires_floating_ip secgroup_source
	service_name service_type status status_code_retries statsd timeout timing use_direct_get user vendor_hook
	verbose_level`)

// services are the service types of the OpenStack Service Types Authority and their
// aliases, as prefixes of keys.
var services = strings.Fields(`
	accelerator admin_logic alarm alarming application_catalog application_container
	application_deployment backup bare_metal baremetal baremetal_introspection block_storage block_store
	cluster clustering compute container container_infra container_infrastructure
	container_infrastructure_management data_processing data_protection_orchestration database dns
	ec2_api event events function_engine ha identity image infra_optim instance_ha key_manager
	load_balancer message messaging meter metering monitoring monitoring_events monitoring_log_api
	monitoring_logging multi_region_network_automation network nfv_orchestration object_store
	operator_policy orchestration placement policy rating rca registration reservation resource_cluster
	resource_optimization root_cause_analysis search share shared_file_system sharev2 telemetry
	tricircle volume volumev2 volumev3 workflow workflowv2`)

// serviceKey matches the suffixes of keys about one service.
var serviceKey = regexp.MustCompile(`_(api_version|region_name|interface|endpoint|` +
	`endpoint_override|service_type|service_name|default_microversion|connect_retries|status_code_retries|` +
	`min_version|max_version|rate_limit|concurrency)$`)

// projectServices are names of projects that are often confused with service types.
var projectServices = map[string]string{"blazar": "reservation", "nova": "compute", "keystone": "identity"}

// noteUnused adds a note for every key that was not used.
func (r *reader) noteUnused() {
	all := slices.Concat(effective, authOptions)
	for _, m := range r.entry.members {
		foreign := slices.Contains(ignoredKeys, m.key) || strings.HasPrefix(m.key, "has_") || isServiceKey(m.key)
		switch {
		case r.used[m.key]:
			continue
		case slices.Contains(authOptions, m.key):
			r.note(m.value, m.key, false, "not used by this auth_type")
		case foreign:
			r.note(m.value, m.key, false, "not used by availapi")
		default:
			r.note(m.value, m.key, true, "unknown to openstacksdk%s", suggest(m.key, all))
		}
	}

	for _, m := range r.auth.members {
		key := "auth." + m.key
		switch {
		case r.usedAuth[m.key]:
			continue
		case slices.Contains(authOptions, m.key):
			r.note(m.value, key, false, "not used by this auth_type")
		case slices.Contains(effective, m.key):
			r.note(m.value, key, true, "it belongs next to auth:, not into it")
		default:
			r.note(m.value, key, true, "unknown to openstacksdk%s", suggest(m.key, authOptions))
		}
	}
}

// isServiceKey reports whether a key is about one service.
func isServiceKey(key string) bool {
	end := serviceKey.FindStringIndex(key)
	return end != nil && slices.Contains(services, key[:end[0]])
}

// suggest returns a question with the key that was probably meant, "" for none.
func suggest(key string, known []string) string {
	project, rest, _ := strings.Cut(key, "_")
	near := hint.Nearest(key, known)
	if service, ok := projectServices[project]; ok && serviceKey.MatchString("_"+rest) {
		near = service + "_" + rest
	}

	if near == "" {
		return ""
	}

	return ": did you mean " + near + "?"
}

// maxKey bounds the length of a printed key: those of openstacksdk are shorter, tokens
// are longer.
const maxKey = 60

var leadingName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*`)

// printableKey shortens a key for printing. If the space after the colon is missing,
// YAML takes the value as a part of the key, and it may be a secret.
func printableKey(key string) string {
	start := leadingName.FindString(key)
	switch {
	case len(start) > maxKey:
		return "…"
	case start != key:
		return start + "…"
	}
	return key
}
