// Policies that random lives of orders are led under.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TESTING_POLICIES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TESTING_POLICIES_H_

#include "services/ticket/domain/policy.h"

namespace baimi::ticket::domain {

// One of three, all with ratings, urging and questions: the sample's, one with a ladder of
// supervision, one with contact clocks and a limit of reopenings.
const PolicyInForce& PolicyOfSeed(unsigned seed);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TESTING_POLICIES_H_
