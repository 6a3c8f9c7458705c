// SPDX-License-Identifier: Apache-2.0
// The dashboards and rules of this folder as a mixin. The files beside it are the source: this only names them.
// Needs std.parseYaml (jsonnet 0.18).
local rules(file) = std.parseYaml(file).groups;

{
  _config+:: {
    // What stands before docs/runbooks.md in runbook_url.
    runbookPrefix: '',
  },

  grafanaDashboards+:: {
    'ringtap-abuse.json': import '../grafana/dashboards/abuse.json',
    'ringtap-calls.json': import '../grafana/dashboards/calls.json',
    'ringtap-media-quality.json': import '../grafana/dashboards/media-quality.json',
    'ringtap-overview.json': import '../grafana/dashboards/overview.json',
    'ringtap-registrations.json': import '../grafana/dashboards/registrations.json',
    'ringtap-ringtap.json': import '../grafana/dashboards/ringtap.json',
    'ringtap-trunks.json': import '../grafana/dashboards/trunks.json',
  },

  prometheusRules+:: {
    groups+: rules(importstr '../prometheus/rules/ringtap-ratios.yml'),
  },

  prometheusAlerts+:: {
    groups+: [
      group {
        rules: [
          rule { annotations+: { runbook_url: $._config.runbookPrefix + super.runbook_url } }
          for rule in group.rules
        ],
      }
      for group in rules(importstr '../prometheus/rules/ringtap-alerts.yml')
                   + rules(importstr '../prometheus/rules/ringtap-sensor.yml')
    ],
  },
}
