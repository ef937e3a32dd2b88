"""The page of the public Python names; their text is that of the docstrings."""

from __future__ import annotations


def python_api() -> str:
    import parity

    parts = [
        "# Python",
        "`import parity` imports no estimation package; a name is loaded when it is used.",
        '```python\nimport parity\n\nstudy = parity.load("fixtures/grunfeld")\nreport = parity.run([study])\n'
        "print(report.exit_code, report.summary)\n```",
        *(
            f"::: {module}.{name}\n    options:\n      heading: parity.{public}\n"
            for public, (module, name) in parity._PUBLIC.items()
        ),
    ]
    return "\n\n".join(parts) + "\n"
