// How much of an address is shown (domain.md §7.5). When in doubt, less.
#ifndef BAIMI_COMMON_PRIVACY_MASK_ADDRESS_H_
#define BAIMI_COMMON_PRIVACY_MASK_ADDRESS_H_

#include <string>

namespace baimi::privacy {

// Up to the community or village; else to the street office, town or township; else to the county
// or city; else nothing. Never goes past the first number of the address.
std::u32string AddressToCommunity(const std::u32string& address);

// Up to the building; else to the house number, lane or estate; else AddressToCommunity. Never goes
// past a unit, floor or room.
std::u32string AddressToBuilding(const std::u32string& address);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_MASK_ADDRESS_H_
