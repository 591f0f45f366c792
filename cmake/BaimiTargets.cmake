# The few kinds of target there are. Every target sees the repository root and the generated protos
# as include roots, so that `#include` paths read from the root.

set(BAIMI_GEN_DIR ${CMAKE_BINARY_DIR}/gen)
# How much one compiler run takes at most, as lines of sources and as generated files: enough that headers
# are read seldom, little enough that two cores share the work and an edit is compiled soon.
set(BAIMI_UNITY_LINES 2500)
set(BAIMI_UNITY_PROTOS 14)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/unity)

# baimi_pch(name HEADER h [DEPS ...]): a precompiled header, built once. Targets below a directory that
# sets BAIMI_PCH to its name use it; files still include what they use (clang-tidy reads them without).
function(baimi_pch name)
  cmake_parse_arguments(ARG "" "HEADER" "DEPS" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_include_directories(${name} SYSTEM PRIVATE ${BAIMI_GEN_DIR})
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/${ARG_HEADER})
  target_compile_options(${name} PRIVATE ${BAIMI_WARNINGS} -fpch-preprocess)
  target_link_libraries(${name} PRIVATE Threads::Threads ${ARG_DEPS})
endfunction()

# The standard library and Abseil pieces that every file uses.
baimi_pch(baimi_pch HEADER cmake/pch.h)
set(BAIMI_PCH baimi_pch)

function(_baimi_common target)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_include_directories(${target} SYSTEM PRIVATE ${BAIMI_GEN_DIR})
  target_compile_options(${target} PRIVATE ${BAIMI_WARNINGS} -fpch-preprocess)
  target_precompile_headers(${target} REUSE_FROM ${BAIMI_PCH})
  target_link_libraries(${target} PRIVATE Threads::Threads)
endfunction()

if(BAIMI_TSAN)
  add_library(baimi_absl_sync OBJECT ${CMAKE_SOURCE_DIR}/tests/tsan/absl_sync.cc)
  target_compile_options(baimi_absl_sync PRIVATE -fno-sanitize=thread)
  target_link_libraries(baimi_absl_sync PRIVATE absl::synchronization)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:baimi_absl_sync>>
                 ${CMAKE_DL_LIBS})
endif()

# _baimi_sources(variable target source...): what the compiler is run on: the sources, or with BAIMI_UNITY
# the few files in <build>/unity that include them (paths relative to the root, so that two checkouts
# share one compiler cache). Generated sources stay apart, and those that were given options of their own,
# or BAIMI_APART, before.
function(_baimi_sources variable target)
  if(NOT BAIMI_UNITY)
    set(${variable} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  set(apart)
  set(together)
  foreach(source ${ARGN})
    set(own)
    foreach(property COMPILE_OPTIONS COMPILE_DEFINITIONS SKIP_PRECOMPILE_HEADERS BAIMI_APART)
      get_property(value SOURCE ${source} PROPERTY ${property})
      list(APPEND own ${value})
    endforeach()
    if(NOT own AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      file(RELATIVE_PATH path ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      list(APPEND together ${path})
      # A new name in a source may change the batches.
      get_property(known DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTY CMAKE_CONFIGURE_DEPENDS)
      if(NOT path IN_LIST known)
        set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
      endif()
    else()
      list(APPEND apart ${source})
    endif()
  endforeach()
  if(together)
    execute_process(
      COMMAND awk -v most=${BAIMI_UNITY_LINES} -v prefix=${CMAKE_BINARY_DIR}/unity/${target}_
              -f ${CMAKE_SOURCE_DIR}/cmake/unity.awk ${together}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE batches
      OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" batches "${batches}")
    list(APPEND apart ${batches})
  endif()
  set(${variable} ${apart} PARENT_SCOPE)
endfunction()

# baimi_library(name SRCS ... DEPS ...): one room or one common area.
function(baimi_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  _baimi_sources(sources ${name} ${ARG_SRCS})
  add_library(${name} STATIC ${sources})
  _baimi_common(${name})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# baimi_binary(name SRCS ... DEPS ...): lands in <build>/bin.
function(baimi_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  _baimi_sources(sources ${name} ${ARG_SRCS})
  add_executable(${name} ${sources})
  _baimi_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  # The sanitizers bring allocators of their own.
  if(NOT BAIMI_ASAN AND NOT BAIMI_TSAN)
    target_link_options(${name} PRIVATE -Wl,--undefined=malloc)
    target_link_libraries(${name} PRIVATE ${BAIMI_JEMALLOC})
  endif()
endfunction()

# baimi_test(name SRCS ... DEPS ... [LABELS ...] [TIMEOUT s]): a GoogleTest binary, one ctest entry.
function(baimi_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  _baimi_sources(sources ${name} ${ARG_SRCS})
  add_executable(${name} ${sources})
  _baimi_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(BAIMI_ASAN OR BAIMI_TSAN)
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# baimi_proto(name SRCS a.proto ... DEPS ... [GRPC]): messages of one package, generated and built once,
# several generated files in one compiler run.
function(baimi_proto name)
  cmake_parse_arguments(ARG "GRPC" "" "SRCS;DEPS" ${ARGN})
  set(plugin)
  set(kinds .pb)
  if(ARG_GRPC)
    set(plugin --grpc_out=${BAIMI_GEN_DIR} --plugin=protoc-gen-grpc=${BAIMI_GRPC_PLUGIN})
    list(APPEND kinds .grpc.pb)
  endif()
  set(generated)
  set(number 0)
  foreach(proto ${ARG_SRCS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs)
    math(EXPR batch "${number} / ${BAIMI_UNITY_PROTOS}")
    foreach(kind ${kinds})
      list(APPEND outputs ${BAIMI_GEN_DIR}/${stem}${kind}.cc ${BAIMI_GEN_DIR}/${stem}${kind}.h)
      # Two names that protoc gives in every file.
      string(APPEND text${kind}_${batch}
        "#define schemas schemas_${number}\n#define file_default_instances instances_${number}\n"
        "#include \"${stem}${kind}.cc\"\n#undef schemas\n#undef file_default_instances\n")
    endforeach()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${BAIMI_GEN_DIR}
      COMMAND protobuf::protoc -I${CMAKE_SOURCE_DIR}/protos --cpp_out=${BAIMI_GEN_DIR} ${plugin}
              ${CMAKE_SOURCE_DIR}/protos/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND generated ${outputs})
    math(EXPR number "${number} + 1")
  endforeach()
  set(sources)
  foreach(kind ${kinds})
    foreach(n RANGE ${batch})
      set(source ${CMAKE_BINARY_DIR}/unity/${name}${kind}_${n}.cc)
      file(CONFIGURE OUTPUT ${source} CONTENT "${text${kind}_${n}}" @ONLY)
      list(APPEND sources ${source})
    endforeach()
  endforeach()
  set_source_files_properties(${generated} PROPERTIES HEADER_FILE_ONLY ON)
  add_library(${name} OBJECT ${sources} ${generated})
  target_include_directories(${name} SYSTEM PUBLIC ${BAIMI_GEN_DIR})
  target_compile_options(${name} PRIVATE -w)
  set_target_properties(${name} PROPERTIES CXX_CLANG_TIDY "")
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} protobuf::libprotobuf)
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
