#include "beaver/api/pages.hpp"

#include "beaver/api/docs_page.hpp"
#include "beaver/api/openapi.hpp"
#include "beaver/storage/crc32c.hpp"

#include <array>

namespace beaver {

namespace {

// The page's script and style are files of their own, so that none in the page itself would run.
constexpr std::string_view policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct page {
  std::string_view path;
  http_response whole;
  std::string tag;
};

page make_page(std::string_view path, std::string_view content_type, std::string_view body) {
  page made{path, {.body = std::string{body}, .content_type = std::string{content_type}}, {}};
  made.tag = '"' + std::to_string(crc32c(std::as_bytes(std::span{body}))) + '-'
             + std::to_string(body.size()) + '"';
  made.whole.headers = {{"ETag", made.tag},
                        {"Cache-Control", "no-cache"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Content-Security-Policy", std::string{policy}}};
  return made;
}

const std::array<page, 4>& pages() {
  static const std::array made{
    make_page("/openapi.json", "application/json", openapi_document()),
    make_page("/docs", "text/html; charset=utf-8", docs_page_html),
    make_page("/docs/docs.css", "text/css; charset=utf-8", docs_page_css),
    make_page("/docs/docs.js", "text/javascript; charset=utf-8", docs_page_js),
  };
  return made;
}

/// Whether a list of tags has this one, weak or not, or is "*".
bool names(std::string_view list, std::string_view tag) {
  return list == "*" || list.find(tag) != std::string_view::npos;
}

} // namespace

std::optional<http_response> static_page(std::string_view path, std::string_view if_none_match) {
  for (const auto& each : pages()) {
    if (each.path != path)
      continue;
    auto response = each.whole;
    if (names(if_none_match, each.tag)) {
      response.status = 304;
      response.body.clear();
    }
    return response;
  }
  return std::nullopt;
}

} // namespace beaver
