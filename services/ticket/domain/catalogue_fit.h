// How rows of the catalogue and precedents are weighed against each other.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_FIT_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_FIT_H_

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {

// How closely a row or a precedent fits: the longer the better.
template <typename Row>
std::pair<size_t, size_t> FitOf(const Row& row) {
  return {row.category().size(), row.area_prefix().size()};
}

template <typename Row>
bool Fits(const Row& row, const v1::Ticket& ticket) {
  return absl::StartsWith(ticket.category(), row.category()) &&
         absl::StartsWith(IdOf(ticket.place().area()), row.area_prefix());
}

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_CATALOGUE_FIT_H_
