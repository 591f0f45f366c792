#include "common/rpc/admin.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace baimi::rpc {
namespace {

http::Response Text(int status, std::string body, const char* type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", type}};
  response.body = std::move(body);
  return response;
}

// Method names, ids and times only: nothing that needs escaping can be in them.
std::string RequestsJson(const AdminOptions& options) {
  std::vector<InFlight::Entry> entries;
  absl::Time now = absl::InfinitePast();
  for (Runtime* runtime : options.runtimes) {
    now = std::max(now, runtime->clock().Now());
    for (InFlight::Entry& entry : runtime->in_flight().List()) {
      entries.push_back(std::move(entry));
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.since < b.since; });
  std::string json = "{\"requests\":[";
  for (const InFlight::Entry& entry : entries) {
    absl::StrAppend(&json, json.back() == '[' ? "" : ",", "{\"method\":\"", entry.method,
                    "\",\"trace_id\":\"", entry.trace_id,
                    "\",\"seconds\":", absl::ToDoubleSeconds(now - entry.since), "}");
  }
  return json + "]}\n";
}

http::Response Answer(const AdminOptions& options, const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") {
    return Text(405, "GET only\n");
  }
  if (request.path == "/metrics") {
    return Text(200, options.metrics->Scrape(), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (request.path == "/healthz") {
    return Text(200, "ok\n");
  }
  if (request.path == "/readyz") {
    const bool ready = !options.ready || options.ready();
    return Text(ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
  }
  if (request.path == "/buildz") {
    const std::string contract =
        options.contract_hash.empty()
            ? ""
            : absl::StrCat(",\"contract_sha256\":\"", options.contract_hash, "\"");
    return Text(200, absl::StrCat("{\"version\":\"", BuildVersion(), "\"", contract, "}\n"),
                "application/json; charset=utf-8");
  }
  if (request.path == "/requestz") {
    return Text(200, RequestsJson(options), "application/json; charset=utf-8");
  }
  return Text(404, "/metrics /healthz /readyz /buildz /requestz\n");
}

}  // namespace

absl::StatusOr<std::unique_ptr<http::Server>> StartAdmin(const AdminOptions& options) {
  return http::Server::Start(options.http,
                             [options](const http::Request& request, http::Responder responder) {
                               std::move(responder).Send(Answer(options, request));
                             });
}

std::string BuildVersion() {
#ifdef NDEBUG
  constexpr absl::string_view kind = "release";
#else
  constexpr absl::string_view kind = "debug";
#endif
  return absl::StrCat(BAIMI_VERSION, " (gcc ", __VERSION__, ", ", kind, ")");
}

}  // namespace baimi::rpc
