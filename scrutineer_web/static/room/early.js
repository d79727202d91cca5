// Runs before the page is drawn: with scripts, the parts that need them are shown.
document.documentElement.classList.add("js");
if ("noModule" in HTMLScriptElement.prototype) document.documentElement.classList.add("govuk-frontend-supported");
