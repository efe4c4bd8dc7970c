def shell(request):
    return {"nav": [], "unread": 0, "demo": None}
