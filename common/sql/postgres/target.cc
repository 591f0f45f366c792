#include "common/sql/postgres/target.h"

#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"

namespace baimi::sql::postgres {
namespace {

using Settings = std::map<std::string, std::string>;

// Only where the URI is silent.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"fallback_application_name", "baimi"}, {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},           {"keepalives_count", "4"},
    {"tcp_user_timeout", "30000"},
};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// libpq's own message may quote the URI, password and all.
absl::Status Malformed() {
  return InvalidField("database.uri", "a malformed URI",
                      "postgresql://user@host:5432/database, several hosts separated by commas",
                      "postgresql://用户@主机:5432/数据库，多个主机用逗号分隔");
}

std::vector<std::string> List(const Settings& settings, const std::string& keyword) {
  const auto found = settings.find(keyword);
  if (found == settings.end()) {
    return {};
  }
  return absl::StrSplit(found->second, ',');
}

// The one at `i`; a single one serves all servers, none leaves libpq's default.
void Put(Settings& settings, const std::string& keyword, const std::vector<std::string>& values,
         size_t i) {
  settings.erase(keyword);
  if (!values.empty()) {
    settings[keyword] = values[values.size() == 1 ? 0 : i];
  }
}

}  // namespace

absl::StatusOr<Target> ParseTarget(const std::string& uri) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(uri.c_str(), &error));
  PQfreemem(error);
  if (options == nullptr) {
    return Malformed();
  }
  Settings settings;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      settings[option->keyword] = option->val;
    }
  }
  for (const auto& [keyword, value] : kDefaults) {
    settings.emplace(keyword, value);
  }
  settings["client_encoding"] = "UTF8";
  settings["target_session_attrs"] = "read-write";

  Target target;
  int seconds = 0;
  if (absl::SimpleAtoi(settings["connect_timeout"], &seconds) && seconds > 0) {
    target.connect_timeout = absl::Seconds(seconds);
  }
  settings.erase("connect_timeout");

  const std::vector<std::string> hosts = List(settings, "host");
  const std::vector<std::string> addresses = List(settings, "hostaddr");
  const std::vector<std::string> ports = List(settings, "port");
  const size_t count = std::max({hosts.size(), addresses.size(), size_t{1}});
  const auto fits = [count](const std::vector<std::string>& list, bool one_for_all) {
    return list.empty() || list.size() == count || (one_for_all && list.size() == 1);
  };
  if (!fits(hosts, false) || !fits(addresses, false) || !fits(ports, true)) {
    return Malformed();
  }
  for (size_t i = 0; i < count; ++i) {
    Settings one = settings;
    Put(one, "host", hosts, i);
    Put(one, "hostaddr", addresses, i);
    Put(one, "port", ports, i);
    target.servers.emplace_back(one.begin(), one.end());
  }
  return target;
}

}  // namespace baimi::sql::postgres
