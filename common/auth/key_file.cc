#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace baimi::auth {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxFile = 1 << 20;
constexpr absl::string_view kAdminRoles[] = {"system-admin", "security-admin", "audit-admin"};

struct Role {
  std::vector<std::string> permissions;
  std::vector<std::string> resources;
};
using Roles = std::map<std::string, Role>;

absl::Status Refuse(absl::string_view path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

// nlohmann keeps the last of two equal members; a key file that says two things is refused.
absl::StatusOr<Json> ParseStrict(absl::string_view text) {
  std::vector<std::set<std::string>> open;
  std::string twice;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!open.back().insert(name).second && twice.empty()) {
        twice = name;
      }
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    return absl::InvalidArgumentError("got no JSON object, want one");
  }
  if (!twice.empty()) {
    return Refuse(twice, "stands twice in one object");
  }
  return json;
}

absl::Status CheckMembers(const Json& object, absl::string_view path,
                          absl::Span<const absl::string_view> required,
                          absl::Span<const absl::string_view> optional) {
  if (!object.is_object()) {
    return Refuse(path, "want an object");
  }
  for (const auto& [name, value] : object.items()) {
    if (std::find(required.begin(), required.end(), name) == required.end() &&
        std::find(optional.begin(), optional.end(), name) == optional.end()) {
      return Refuse(path, absl::StrCat("got the unknown member \"", absl::CHexEscape(name), "\""));
    }
  }
  for (const absl::string_view name : required) {
    if (!object.contains(std::string(name))) {
      return Refuse(path, absl::StrCat("got no member \"", name, "\", want one"));
    }
  }
  return absl::OkStatus();
}

// "" when absent; an empty text is refused unless `may_be_empty`.
absl::StatusOr<std::string> Text(const Json& object, const char* name, absl::string_view path,
                                 bool may_be_empty = false) {
  const auto it = object.find(name);
  if (it == object.end()) {
    return std::string();
  }
  if (!it->is_string() || (it->get_ref<const std::string&>().empty() && !may_be_empty)) {
    return Refuse(absl::StrCat(path, ".", name), "want a text that is not empty");
  }
  return it->get<std::string>();
}

// Empty when absent; an empty list is refused unless `may_be_empty`.
absl::StatusOr<std::vector<std::string>> Texts(const Json& object, const char* name,
                                               absl::string_view path, bool may_be_empty = false) {
  std::vector<std::string> texts;
  const auto it = object.find(name);
  if (it == object.end()) {
    return texts;
  }
  const bool all_texts = it->is_array() && (may_be_empty || !it->empty()) &&
                         std::all_of(it->begin(), it->end(), [](const Json& value) {
                           return value.is_string() && !value.get_ref<const std::string&>().empty();
                         });
  if (!all_texts) {
    return Refuse(absl::StrCat(path, ".", name), "want a list of texts, none empty");
  }
  for (const Json& value : *it) {
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

bool IsName(absl::string_view text, absl::string_view extra) {
  return !text.empty() && text.size() <= 63 &&
         std::all_of(text.begin(), text.end(), [extra](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  extra.find(c) != absl::string_view::npos;
         });
}

bool IsDigits(absl::string_view text, size_t shortest, size_t longest) {
  return text.size() >= shortest && text.size() <= longest &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

absl::StatusOr<Roles> ReadRoles(const Json& json) {
  Roles roles;
  if (!json.is_object()) {
    return Refuse("roles", "want an object");
  }
  for (const auto& [name, value] : json.items()) {
    const std::string path = absl::StrCat("roles.", absl::CHexEscape(name));
    if (!IsName(name, "-")) {
      return Refuse(path, "want a name of 1-63 of [A-Za-z0-9-]");
    }
    BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> grants,
                           Texts(json, name.c_str(), "roles"));
    for (const std::string& grant : grants) {
      const std::vector<std::string> parts = absl::StrSplit(grant, '.');
      if (parts.size() != 2 || !IsName(parts[0], "") ||
          (parts[1] != "*" && !IsName(parts[1], ""))) {
        return Refuse(path, absl::StrCat("got \"", absl::CHexEscape(grant),
                                         "\", want <resource>.<verb> or <resource>.*"));
      }
      if (parts[1] == "*") {
        roles[name].resources.push_back(parts[0]);
      } else {
        roles[name].permissions.push_back(grant);
      }
    }
  }
  return roles;
}

absl::Status ResolveRoles(const std::vector<std::string>& names, const Roles& roles,
                          absl::string_view path, Identity& identity) {
  std::vector<std::string> admin;
  for (const std::string& name : names) {
    const auto role = roles.find(name);
    if (role == roles.end()) {
      return Refuse(absl::StrCat(path, ".roles"),
                    absl::StrCat("got \"", absl::CHexEscape(name), "\", want a role of this file"));
    }
    identity.permissions.insert(role->second.permissions.begin(), role->second.permissions.end());
    identity.resources.insert(role->second.resources.begin(), role->second.resources.end());
    if (std::find(std::begin(kAdminRoles), std::end(kAdminRoles), name) != std::end(kAdminRoles) &&
        std::find(admin.begin(), admin.end(), name) == admin.end()) {
      admin.push_back(name);
    }
  }
  if (admin.size() > 1) {
    return Refuse(absl::StrCat(path, ".roles"),
                  absl::StrCat("got ", absl::StrJoin(admin, " and "),
                               " in one key, want separate administrators"));
  }
  return absl::OkStatus();
}

absl::Status ReadReach(const Json& json, absl::string_view path, Identity& identity) {
  BAIMI_ASSIGN_OR_RETURN(identity.counties, Texts(json, "counties", path));
  BAIMI_ASSIGN_OR_RETURN(identity.area_prefixes, Texts(json, "area_prefixes", path, true));
  BAIMI_ASSIGN_OR_RETURN(identity.units, Texts(json, "units", path, true));
  BAIMI_ASSIGN_OR_RETURN(identity.unit, Text(json, "unit", path, true));
  if (identity.counties == std::vector<std::string>{"*"}) {
    identity.counties.clear();
    identity.all_counties = true;
  }
  for (const std::string& county : identity.counties) {
    if (!IsDigits(county, 6, 6)) {
      return Refuse(absl::StrCat(path, ".counties"), "want codes of 6 digits, or \"*\" alone");
    }
  }
  for (const std::string& prefix : identity.area_prefixes) {
    const bool inside =
        identity.all_counties ||
        std::any_of(identity.counties.begin(), identity.counties.end(),
                    [&](const std::string& county) { return absl::StartsWith(prefix, county); });
    if (!IsDigits(prefix, 6, 15) || !inside) {
      return Refuse(absl::StrCat(path, ".area_prefixes"),
                    "want 6-15 digits that begin with one of its counties");
    }
  }
  if (!identity.unit.empty() && !IsName(identity.unit, "._-")) {
    return Refuse(absl::StrCat(path, ".unit"), "want 1-63 of [A-Za-z0-9._-]");
  }
  return absl::OkStatus();
}

template <typename Enum>
absl::Status ReadChoice(const Json& json, const char* name, absl::string_view path,
                        const std::map<std::string, Enum>& choices, Enum& value) {
  BAIMI_ASSIGN_OR_RETURN(const std::string text, Text(json, name, path));
  if (text.empty()) {
    return absl::OkStatus();
  }
  const auto choice = choices.find(text);
  if (choice == choices.end()) {
    return Refuse(
        absl::StrCat(path, ".", name),
        absl::StrCat("got \"", absl::CHexEscape(text), "\", want one of ",
                     absl::StrJoin(choices, ", ", [](std::string* out, const auto& entry) {
                       absl::StrAppend(out, entry.first);
                     })));
  }
  value = choice->second;
  return absl::OkStatus();
}

absl::Status ReadExpiry(const Json& json, absl::string_view path, Identity& identity) {
  BAIMI_ASSIGN_OR_RETURN(const std::string text, Text(json, "expires", path));
  if (text.empty()) {
    return absl::OkStatus();
  }
  absl::CivilDay day;
  // Formatting back refuses what the parser is lenient about.
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) {
    return Refuse(absl::StrCat(path, ".expires"), "want a day as YYYY-MM-DD");
  }
  identity.expires = absl::FromCivil(day, ShanghaiZone());
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Whole(const Json& object, const char* name, absl::string_view path,
                              int64_t most) {
  const Json& value = object[name];
  if (!value.is_number_integer() || value < 1 || value > most) {
    return Refuse(absl::StrCat(path, ".", name), absl::StrCat("want a whole number, 1 to ", most));
  }
  return value.get<int64_t>();
}

absl::Status ReadQuota(const Json& json, absl::string_view path, Identity& identity) {
  const auto quota = json.find("quota");
  if (quota == json.end()) {
    return absl::OkStatus();
  }
  const std::string place = absl::StrCat(path, ".quota");
  BAIMI_RETURN_IF_ERROR(CheckMembers(*quota, place, {}, {"read", "write", "bulk"}));
  for (const rate::Class of : {rate::Class::kRead, rate::Class::kWrite, rate::Class::kBulk}) {
    const auto limit = quota->find(std::string(rate::ClassName(of)));
    if (limit == quota->end()) {
      continue;
    }
    const std::string at = absl::StrCat(place, ".", rate::ClassName(of));
    BAIMI_RETURN_IF_ERROR(CheckMembers(*limit, at, {"per_second", "burst"}, {}));
    rate::Limit& own = identity.quota[static_cast<size_t>(of)].emplace();
    BAIMI_ASSIGN_OR_RETURN(own.per_second, Whole(*limit, "per_second", at, 1'000'000));
    BAIMI_ASSIGN_OR_RETURN(own.burst, Whole(*limit, "burst", at, 10'000'000));
  }
  return absl::OkStatus();
}

absl::Status ReadKey(const Json& json, absl::string_view path, const Roles& roles,
                     KeyTable& table) {
  BAIMI_RETURN_IF_ERROR(
      CheckMembers(json, path, {"id", "sha256", "roles", "counties"},
                   {"area_prefixes", "units", "unit", "audience", "pii", "quota", "expires"}));
  auto identity = std::make_shared<Identity>();
  BAIMI_ASSIGN_OR_RETURN(identity->id, Text(json, "id", path));
  if (!IsName(identity->id, "._-")) {
    return Refuse(absl::StrCat(path, ".id"), "want 1-63 of [A-Za-z0-9._-]");
  }
  BAIMI_ASSIGN_OR_RETURN(const std::string hash, Text(json, "sha256", path));
  const bool is_hex = std::all_of(hash.begin(), hash.end(), [](char c) {
    return absl::ascii_isxdigit(static_cast<unsigned char>(c));
  });
  if (hash.size() != 64 || !is_hex) {
    return Refuse(absl::StrCat(path, ".sha256"), "want 64 hex digits");
  }
  BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> names, Texts(json, "roles", path));
  BAIMI_RETURN_IF_ERROR(ResolveRoles(names, roles, path, *identity));
  BAIMI_RETURN_IF_ERROR(ReadReach(json, path, *identity));
  BAIMI_RETURN_IF_ERROR(ReadChoice<Audience>(
      json, "audience", path,
      {{"public", Audience::kPublic}, {"service", Audience::kService}, {"staff", Audience::kStaff}},
      identity->audience));
  BAIMI_RETURN_IF_ERROR(ReadChoice<PiiView>(
      json, "pii", path,
      {{"full", PiiView::kFull}, {"public", PiiView::kPublic}, {"staff", PiiView::kStaff}},
      identity->pii));
  BAIMI_RETURN_IF_ERROR(ReadQuota(json, path, *identity));
  BAIMI_RETURN_IF_ERROR(ReadExpiry(json, path, *identity));
  if (!table.emplace(absl::HexStringToBytes(hash), std::move(identity)).second) {
    return Refuse(absl::StrCat(path, ".sha256"), "stands at another key too");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeyTable> ParseKeyFile(absl::string_view text) {
  if (text.size() > kMaxFile) {
    return absl::InvalidArgumentError("got more than 1 MiB");
  }
  BAIMI_ASSIGN_OR_RETURN(const Json json, ParseStrict(text));
  BAIMI_RETURN_IF_ERROR(CheckMembers(json, "key file", {"roles", "keys"}, {}));
  BAIMI_ASSIGN_OR_RETURN(const Roles roles, ReadRoles(json["roles"]));
  const Json& keys = json["keys"];
  if (!keys.is_array()) {
    return Refuse("keys", "want a list");
  }
  KeyTable table;
  absl::flat_hash_set<std::string> ids;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string path = absl::StrCat("keys[", i, "]");
    BAIMI_RETURN_IF_ERROR(ReadKey(keys[i], path, roles, table));
    if (!ids.insert(keys[i]["id"].get<std::string>()).second) {
      return Refuse(absl::StrCat(path, ".id"), "stands at another key too");
    }
  }
  return table;
}

}  // namespace baimi::auth
