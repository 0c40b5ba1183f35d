#include "beaver/api/pages.hpp"

#include "beaver/api/docs_page.hpp"
#include "beaver/api/openapi.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

using namespace beaver;

namespace {

const std::string& header_of(const http_response& response, std::string_view name) {
  const auto* found = response.header(name);
  BOOST_REQUIRE_MESSAGE(found, name);
  return *found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(static_pages)

BOOST_AUTO_TEST_CASE(the_document_and_its_page_are_there_and_nothing_else) {
  BOOST_TEST(static_page("/openapi.json").value().body == openapi_document());
  BOOST_TEST(static_page("/openapi.json")->content_type == "application/json");
  BOOST_TEST(static_page("/docs").value().body == docs_page_html);
  BOOST_TEST(static_page("/docs")->content_type == "text/html; charset=utf-8");
  BOOST_TEST(static_page("/docs/docs.css").value().body == docs_page_css);
  BOOST_TEST(static_page("/docs/docs.js").value().body == docs_page_js);
  for (const auto* path : {"", "/", "/docs/", "/docs/docs.html", "/docs/../docs", "/openapi.jso"})
    BOOST_TEST(!static_page(path).has_value(), path);
}

BOOST_AUTO_TEST_CASE(the_page_is_small_whole_and_needs_nobody_else) {
  BOOST_TEST(docs_page_html.size() + docs_page_css.size() + docs_page_js.size() < 30u << 10);
  BOOST_TEST(docs_page_html.starts_with("<!doctype html>"));
  BOOST_TEST(docs_page_html.ends_with("</html>\n"));
  BOOST_TEST(docs_page_css.starts_with(":root {"));
  BOOST_TEST(docs_page_css.ends_with("}\n"));
  BOOST_TEST(docs_page_js.starts_with("'use strict';\n"));
  BOOST_TEST(docs_page_js.ends_with(");\n"));
  for (const auto file : {docs_page_html, docs_page_css, docs_page_js})
    for (const auto* foreign : {"http://", "https://", "//cdn", "@import", "url("})
      BOOST_TEST(file.find(foreign) == std::string_view::npos, foreign);
  // What the policy would refuse.
  for (const auto* refused : {"<style", "style=", "<script>", "onclick=", "onload=", "javascript:"})
    BOOST_TEST(docs_page_html.find(refused) == std::string_view::npos, refused);
  for (const auto* refused : {"eval(", "innerHTML", "new Function", "document.write"})
    BOOST_TEST(docs_page_js.find(refused) == std::string_view::npos, refused);
  const auto policy = header_of(static_page("/docs").value(), "content-security-policy");
  BOOST_TEST(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
  BOOST_TEST(policy.find("unsafe") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_browser_has_already_is_not_sent_again) {
  std::set<std::string> tags;
  for (const auto* path : {"/openapi.json", "/docs", "/docs/docs.css", "/docs/docs.js"}) {
    const auto whole = static_page(path).value();
    BOOST_TEST(whole.status == 200u);
    BOOST_TEST(header_of(whole, "cache-control") == "no-cache");
    const auto tag = header_of(whole, "etag");
    BOOST_TEST(tags.insert(tag).second);
    for (const auto& known : {tag, "W/" + tag, "\"x\", " + tag, std::string{"*"}}) {
      const auto again = static_page(path, known).value();
      BOOST_TEST(again.status == 304u);
      BOOST_TEST(again.body.empty());
      BOOST_TEST(header_of(again, "etag") == tag);
    }
    BOOST_TEST(static_page(path, "\"other\"")->status == 200u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
