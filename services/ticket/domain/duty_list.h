// 履职清单: what may be given to townships and communities (domain.md R1.6). Departments need none.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_DUTY_LIST_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_DUTY_LIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/registry/v1/resources.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// A township, a village or community.
bool IsGrassroots(const registry::v1::Unit& unit);

// By what a unit may handle a category.
struct Duty {
  // Of the policy's row; empty for a department, and for the unit's own entry in the registry.
  std::string row = {};
  // zh-CN, with the row and its basis: "（履职清单条目“rubbish”，类别 0401）"; empty for a
  // department.
  std::string explanation = {};
};

// Of the policy's rows that fit, the longest category wins, then a row of the unit itself over one
// of its kind, then the first; without any, the registry's duty_categories of the unit.
// FAILED_PRECONDITION, NOT_ON_DUTY_LIST: the message and the metadata "rows" and "registry" name
// everything that the unit has instead.
absl::StatusOr<Duty> FindDuty(const v1::TicketPolicy& policy, const registry::v1::Unit& unit,
                              absl::string_view category);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_DUTY_LIST_H_
