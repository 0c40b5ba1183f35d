# What the folder lists use: one way to make a library, one way to ask for a package, one install.

# Finds a package or stops with the one line that says what to install.
macro(beaver_require name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "${name} is missing: install ${package}, or run tools/install_deps.sh")
  endif()
endmacro()

add_library(beaver_warnings INTERFACE)
target_compile_options(beaver_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  # False alarms of g++ 12 about std::optional, once it inlines.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

# beaver_library(<folder> HEADERS ... SOURCES ...): the static library beaver_<folder> out of the
# current folder. Its headers are installed and each must compile alone.
function(beaver_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES")
  set(target beaver_${folder})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(beaver::${folder} ALIAS ${target})
  list(TRANSFORM arg_HEADERS PREPEND ${BEAVER_INCLUDE_DIR}/beaver/${folder}/)
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${BEAVER_INCLUDE_DIR}
                                  FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:beaver_warnings>)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder} POSITION_INDEPENDENT_CODE ON
                                             VERIFY_INTERFACE_HEADER_SETS ON)
  set_property(GLOBAL APPEND PROPERTY BEAVER_LIBRARIES ${target})
endfunction()

function(beaver_install)
  include(CMakePackageConfigHelpers)
  get_property(libraries GLOBAL PROPERTY BEAVER_LIBRARIES)
  install(TARGETS ${libraries} beaver EXPORT beaver_targets FILE_SET HEADERS)
  install(FILES ${PROJECT_SOURCE_DIR}/api/beaver.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/beaver)
  set(where ${CMAKE_INSTALL_LIBDIR}/cmake/beaver)
  install(EXPORT beaver_targets NAMESPACE beaver:: DESTINATION ${where})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/tools/cmake/beaverConfig.cmake.in
                                ${PROJECT_BINARY_DIR}/beaverConfig.cmake INSTALL_DESTINATION ${where})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/beaverConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/beaverConfig.cmake ${PROJECT_BINARY_DIR}/beaverConfigVersion.cmake
                ${PROJECT_SOURCE_DIR}/tools/cmake/FindCAF.cmake
          DESTINATION ${where})
endfunction()
