"""What the clock does with a round, and what is kept of it when it is over."""

urlpatterns: list = []
