"""Papers, key tasks, monthly lists, meetings."""

urlpatterns = []
