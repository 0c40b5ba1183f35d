#pragma once
#include <string_view>

namespace beaver {

/// The files of the page that shows the OpenAPI document, made part of the library when it is
/// built.
extern const std::string_view docs_page_html;
extern const std::string_view docs_page_css;
extern const std::string_view docs_page_js;

} // namespace beaver
