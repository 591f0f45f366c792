// What a caller sees of personal data (domain.md §7.5), decided by the field option
// baimi.options.v1.pii and the caller's PiiView, on the server, in place.
#ifndef BAIMI_COMMON_PRIVACY_MASK_H_
#define BAIMI_COMMON_PRIVACY_MASK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "baimi/options/v1/options.pb.h"
#include "common/base/call.h"
#include "google/protobuf/message.h"

namespace baimi::privacy {

// Masks every field with a pii class, at any depth. Full view: no change. Fails closed: a class
// this build does not know, and a class on a field that has no text to mask (number, message, map,
// bytes), clears the field; LOCATION is kept for staff and cleared for the public. The plan is made
// once per type; a type without pii costs a lookup. Thread-safe.
//
// A message whose bool field `confidential` is set (a caller who asked for it, domain.md §1.10)
// loses its own fields with a pii class for staff too.
void Mask(google::protobuf::Message* message, PiiView view);

// One value, as Mask does it; "" means: not shown. kFull returns it unchanged. Lengths count
// Unicode code points; text that is not UTF-8 is not shown.
//
//   class       public                      staff
//   NAME        张*  欧阳**                 as public
//   PHONE       138****1234  0898-****12    as public
//   CITIZEN_ID  ""                          469030********1234
//   ADDRESS     to community or village     to building
//   FREE_TEXT   ""                          RedactText
//   LOCATION    ""                          shown
//   PERSON_KEY  ""                          ""
//
// NAME keeps the surname (two characters for the usual double surnames) and stars the rest.
// ADDRESS keeps the text up to and including the last word of the level (社区 居委会 村 ...; 栋 幢
// 号楼 座 ...); where the public level is missing it falls back to street, town or county words,
// where the staff level is missing to house number or lane, then to the public rule; what has none
// of them is not shown.
std::string MaskText(options::v1::PiiClass pii, absl::string_view text, PiiView view);

// Stars phone numbers (mobile and fixed) and citizen ids inside running text, keeping what MaskText
// keeps for staff of a PHONE and the first 6 and last 4 of a citizen id. For text that is indexed,
// logged or shown to staff. Digits written full-width or broken by spaces or hyphens are found too.
std::string RedactText(absl::string_view text);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_MASK_H_
