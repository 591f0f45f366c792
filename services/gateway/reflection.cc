#include "services/gateway/reflection.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/transcode/wire.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "services/gateway/bytes.h"

namespace baimi::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using transcode::AppendBytes;
using transcode::AppendTag;
using transcode::AppendVarint;
using transcode::WireType;

// Field numbers of grpc.reflection.v1alpha; generated code for them would be there twice beside
// that of libgrpc++_reflection.
struct Request {
  static constexpr int kFileByFilename = 3;
  static constexpr int kFileContainingSymbol = 4;
  static constexpr int kFileContainingExtension = 5;
  static constexpr int kAllExtensionNumbers = 6;
  static constexpr int kListServices = 7;
};
struct Extension {
  static constexpr int kContainingType = 1;
  static constexpr int kNumber = 2;
};
struct Response {
  static constexpr int kOriginalRequest = 2;
  static constexpr int kFiles = 4;
  static constexpr int kExtensionNumbers = 5;
  static constexpr int kServices = 6;
  static constexpr int kError = 7;
};
constexpr int kNotFound = 5;
constexpr int kInvalidArgument = 3;

std::string Text(int field, absl::string_view value) {
  std::string wire;
  AppendBytes(field, value, wire);
  return wire;
}

std::string ErrorOf(int code, absl::string_view message) {
  std::string error;
  AppendTag(1, WireType::kVarint, error);
  AppendVarint(static_cast<uint64_t>(code), error);
  AppendBytes(2, message, error);
  return Text(Response::kError, error);
}

// The file after all that it imports.
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>& seen,
             std::string& files) {
  if (!seen.insert(&file).second) {
    return;
  }
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  AppendBytes(1, proto.SerializeAsString(), files);
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddFile(*file.dependency(i), seen, files);
  }
}

std::string FileOf(const FileDescriptor* file, absl::string_view asked) {
  if (file == nullptr) {
    return ErrorOf(kNotFound, absl::StrCat(asked, ": not in the contract"));
  }
  std::set<const FileDescriptor*> seen;
  std::string files;
  AddFile(*file, seen, files);
  return Text(Response::kFiles, files);
}

const FieldDescriptor* FindExtension(const google::protobuf::DescriptorPool& pool,
                                     absl::string_view request) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(request.data()),
                                               static_cast<int>(request.size()));
  std::string type;
  uint32_t number = 0;
  while (const uint32_t tag = input.ReadTag()) {
    using google::protobuf::internal::WireFormatLite;
    if (WireFormatLite::GetTagFieldNumber(tag) == Extension::kNumber) {
      if (!input.ReadVarint32(&number)) {
        return nullptr;
      }
    } else if (!WireFormatLite::SkipField(&input, tag)) {
      return nullptr;
    }
  }
  type = transcode::MergedBytesField(request, Extension::kContainingType).value_or("");
  const Descriptor* extended = pool.FindMessageTypeByName(type);
  return extended == nullptr ? nullptr
                             : pool.FindExtensionByNumber(extended, static_cast<int>(number));
}

std::string ExtensionNumbers(const google::protobuf::DescriptorPool& pool,
                             const std::string& type) {
  const Descriptor* extended = pool.FindMessageTypeByName(type);
  if (extended == nullptr) {
    return ErrorOf(kNotFound, absl::StrCat(type, ": not in the contract"));
  }
  std::vector<const FieldDescriptor*> extensions;
  pool.FindAllExtensions(extended, &extensions);
  std::string answer = Text(1, type);
  for (const FieldDescriptor* extension : extensions) {
    AppendTag(2, WireType::kVarint, answer);
    AppendVarint(static_cast<uint64_t>(extension->number()), answer);
  }
  return Text(Response::kExtensionNumbers, answer);
}

std::string Services(const transcode::Contract& contract) {
  std::string list;
  for (const auto* service : contract.services()) {
    AppendBytes(1, Text(1, service->full_name()), list);
  }
  return Text(Response::kServices, list);
}

// The one question of the request, by its field number; 0 when there is none that we know.
int QuestionOf(absl::string_view request) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(request.data()),
                                               static_cast<int>(request.size()));
  int question = 0;
  using google::protobuf::internal::WireFormatLite;
  while (const uint32_t tag = input.ReadTag()) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    if (field >= Request::kFileByFilename && field <= Request::kListServices) {
      question = field;
    }
    if (!WireFormatLite::SkipField(&input, tag)) {
      return 0;
    }
  }
  return question;
}

class ReflectionReactor final : public grpc::ServerGenericBidiReactor {
 public:
  explicit ReflectionReactor(const transcode::Contract* contract) : contract_(contract) {
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    response_ = ToBuffer(AnswerReflection(*contract_, FromBuffer(request_)));
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  const transcode::Contract* const contract_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace

bool IsReflection(absl::string_view path) {
  return path == "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" ||
         path == "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
}

std::string AnswerReflection(const transcode::Contract& contract, absl::string_view request) {
  const google::protobuf::DescriptorPool& pool = contract.pool();
  const int question = QuestionOf(request);
  const std::string asked =
      question == 0 ? "" : transcode::MergedBytesField(request, question).value_or("");
  std::string response = Text(Response::kOriginalRequest, request);
  switch (question) {
    case Request::kFileByFilename:
      response += FileOf(pool.FindFileByName(asked), asked);
      break;
    case Request::kFileContainingSymbol:
      response += FileOf(pool.FindFileContainingSymbol(asked), asked);
      break;
    case Request::kFileContainingExtension: {
      const FieldDescriptor* extension = FindExtension(pool, asked);
      response += FileOf(extension == nullptr ? nullptr : extension->file(), "the extension");
      break;
    }
    case Request::kAllExtensionNumbers:
      response += ExtensionNumbers(pool, asked);
      break;
    case Request::kListServices:
      response += Services(contract);
      break;
    default:
      response += ErrorOf(kInvalidArgument, "got no question that is known");
  }
  return response;
}

grpc::ServerGenericBidiReactor* NewReflectionReactor(const transcode::Contract* contract) {
  return new ReflectionReactor(contract);
}

}  // namespace baimi::gateway
