from setuptools import setup

NODES = ("twin", "cameras", "skills", "planner", "description")

setup(
    name="luban_nodes",
    version="0.1.0",
    description="Thin rclpy nodes of Luban",
    license="Apache-2.0",
    packages=["luban_nodes"],
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/luban_nodes"]),
        ("share/luban_nodes", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=True,
    entry_points={"console_scripts": [f"{node} = luban_nodes.{node}:main" for node in NODES]},
)
