"""Circulars."""

urlpatterns = []
