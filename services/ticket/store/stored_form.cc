#include "services/ticket/store/stored_form.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"

namespace baimi::ticket::store {
namespace {

std::string Context(absl::string_view name) { return absl::StrCat("row:", name); }

}  // namespace

std::string TicketName(absl::string_view county, absl::string_view number) {
  return absl::StrCat("counties/", county, "/tickets/", number);
}

absl::string_view LastSegment(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(slash + 1);
}

std::string AreaPrefix(absl::string_view code) {
  if (!absl::ConsumeSuffix(&code, "000000")) {
    absl::ConsumeSuffix(&code, "000");
  }
  return std::string(code);
}

bool ScopeCovers(const RowScope& scope, absl::string_view code, absl::string_view lead) {
  if (scope.whole_county) {
    return true;
  }
  for (const std::string& prefix : scope.area_prefixes) {
    if (absl::StartsWith(code, prefix)) {
      return true;
    }
  }
  const absl::string_view unit = LastSegment(lead);
  for (const std::string& own : scope.units) {
    if (!own.empty() && unit == own) {
      return true;
    }
  }
  return false;
}

absl::Status OpenTicket(const privacy::Vault& vault, absl::string_view name, absl::string_view body,
                        absl::string_view sealed, v1::Ticket* ticket) {
  const absl::Status status = vault.Open(body, sealed, Context(name), ticket);
  return ReasonOf(status) == "DATA_SHREDDED" ? absl::OkStatus() : status;
}

absl::StatusOr<privacy::SealedMessage> SealTicket(const privacy::Vault& vault,
                                                  const v1::Ticket& ticket, privacy::KeyId key) {
  return vault.Seal(key, ticket, Context(ticket.name()));
}

}  // namespace baimi::ticket::store
