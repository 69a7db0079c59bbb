"""Thin rclpy nodes of Luban: they convert messages and call one function."""
