"""The displays' one style sheet, for pages inside a notebook: light and dark, by the host's theme where it has one.

JupyterLab's ``--jp-*`` variables come first, then VS Code's ``--vscode-*``, then our own colours,
which follow ``prefers-color-scheme``. A host that strips this loses colours and nothing else.
"""

from __future__ import annotations

from typing import Final

from pivotkit.display.palette import BADGES, DARK, LIGHT, TONES, Page

# Written three times, it weighs more than JupyterLab's own rules, which would align each cell of a table right.
_ROOT: Final = ".pivotkit" * 3


def _own(page: Page) -> str:
    return f"--pk-text:{page.text};--pk-muted:{page.muted};--pk-ground:{page.background};--pk-line:{page.line}"


_RULES: Final = (
    f"{_ROOT}{{{_own(LIGHT)};color-scheme:light dark;"
    "color:var(--jp-content-font-color0,var(--vscode-editor-foreground,var(--pk-text)));"
    "background:var(--jp-layout-color0,var(--vscode-editor-background,var(--pk-ground)));"
    "font-family:var(--jp-content-font-family,var(--vscode-font-family,system-ui,sans-serif));"
    "font-size:13px;line-height:1.45;padding:8px 10px;max-width:66em;overflow-x:auto}",
    f"@media(prefers-color-scheme:dark){{{_ROOT}{{{_own(DARK)}}}}}",
    f"{_ROOT} *{{color:inherit;background:none}}",
    f"{_ROOT} p{{margin:0 0 4px;overflow-wrap:anywhere}}",
    f"{_ROOT} .pk-what{{overflow-wrap:anywhere}}",
    f"{_ROOT} .pk-head{{font-size:15px;font-weight:600}}",
    f"{_ROOT} .pk-badge{{padding:1px 8px;border-radius:4px;margin-right:2px}}",
    f"{_ROOT} .pk-small{{color:var(--jp-content-font-color1,var(--vscode-editor-foreground,var(--pk-muted)));"
    "font-size:12px}",
    f"{_ROOT} table{{border-collapse:collapse;margin:8px 0;font-size:13px;table-layout:auto;width:auto}}",
    f"{_ROOT} :is(td,th){{text-align:left;vertical-align:top;padding:2px 10px 2px 0;border:0;white-space:normal}}",
    f"{_ROOT} th{{font-weight:600;border-bottom:1px solid "
    "var(--jp-border-color1,var(--vscode-panel-border,var(--pk-line)))}",
    f"{_ROOT} .pk-number{{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}}",
    f"{_ROOT} .pk-who{{font-weight:600;white-space:nowrap;border-left:4px solid transparent;padding-left:8px}}",
    f"{_ROOT} :is(code,pre){{font-family:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,"
    "monospace));font-size:12px}",
    f"{_ROOT} pre{{white-space:pre-wrap;margin:4px 0;padding:6px 8px;max-height:20em;overflow:auto;"
    "border:1px solid var(--jp-border-color2,var(--vscode-panel-border,var(--pk-line)))}",
    f"{_ROOT} summary{{cursor:pointer}}",
    f"{_ROOT} :is(h4,h5){{font-size:13px;font-weight:600;margin:10px 0 2px}}",
    f"{_ROOT} ul{{margin:0;padding-left:18px}}",
    *(f"{_ROOT} .pk-{tone}{{border-left-color:{look.accent}}}" for tone, look in TONES.items()),
    *(f"{_ROOT} .pk-{name}{{background:{badge.background};color:{badge.text}}}" for name, badge in BADGES.items()),
)

CSS: Final = "\n".join(_RULES)
