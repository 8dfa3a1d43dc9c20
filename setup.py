"""Makes the egg that Scrapyd runs (``scrapyd-deploy`` calls this); the project itself is run from its folder."""

from setuptools import find_packages, setup

setup(
    name="newscrawl",
    version="1.0",  # Scrapyd goes by the version that scrapyd-deploy gives, which is the time of the upload
    packages=find_packages(include=["newscrawl", "newscrawl.*"]),
    package_data={"": ["**/*"]},
    exclude_package_data={"": ["**/__pycache__/*"]},
    entry_points={"scrapy": ["settings = newscrawl.settings"]},
    python_requires=">=3.11",
    zip_safe=False,
)
