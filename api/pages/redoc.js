// Redoc writes its own style elements; the nonce lets these, and no others, in.
Redoc.init(
  "/openapi.json",
  { nonce: document.currentScript.nonce, hideDownloadButton: false },
  document.getElementById("redoc"),
);
